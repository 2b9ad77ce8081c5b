using System.Text;
using System.Text.Unicode;

namespace Electra.Tokenization;

/// <summary>Text as the tokenizers want it: valid UTF-8.</summary>
static class Utf8Text
{
    /// <summary><paramref name="text"/> itself, or a copy in which every ill-formed sequence is U+FFFD.</summary>
    public static ReadOnlySpan<byte> Valid(ReadOnlySpan<byte> text) =>
        Utf8.IsValid(text) ? text : Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(text));

    /// <summary>The UTF-16 code units that a UTF-8 sequence with this first byte stands for; 0 for a byte inside a sequence.</summary>
    public static int Utf16Units(byte value) => value < 0x80 ? 1 : value < 0xC0 ? 0 : value < 0xF0 ? 1 : 2;
}
