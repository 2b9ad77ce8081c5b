using System.Globalization;
using System.Text;

namespace Electra.Tokenization;

/// <summary>Splits text as GPT-2's regular expression does, written out by hand:
/// <c>'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+</c>.</summary>
static class Gpt2Splitter
{
    enum Kind
    {
        Space,
        Letter,
        Number,
        Other,
    }

    /// <summary>The end of the part that begins at <paramref name="position"/>.</summary>
    /// <param name="text">Valid UTF-8.</param>
    public static int End(ReadOnlySpan<byte> text, int position)
    {
        var rest = text[position..];
        if (Contraction(rest) is var contraction and > 0) return position + contraction;

        // One space goes with what follows it.
        var start = position + (rest[0] == ' ' && rest.Length > 1 ? 1 : 0);
        var kind = KindAt(text, start, out var size);
        if (kind != Kind.Space) return EndOfRun(text, start + size, kind, out _);

        var end = EndOfRun(text, position, Kind.Space, out var lastSize);
        var isOneCharacter = end - lastSize == position;
        return end == text.Length || isOneCharacter ? end : end - lastSize; // \s+(?!\S) leaves the last one to the next part
    }

    static int Contraction(ReadOnlySpan<byte> rest)
    {
        if (rest.Length < 2 || rest[0] != '\'') return 0;
        if (rest[1] is (byte)'s' or (byte)'t' or (byte)'m' or (byte)'d') return 2;
        return rest.StartsWith("'re"u8) || rest.StartsWith("'ve"u8) || rest.StartsWith("'ll"u8) ? 3 : 0;
    }

    static int EndOfRun(ReadOnlySpan<byte> text, int position, Kind kind, out int lastSize)
    {
        lastSize = 0;
        while (position < text.Length && KindAt(text, position, out var size) == kind)
        {
            position += size;
            lastSize = size;
        }
        return position;
    }

    static Kind KindAt(ReadOnlySpan<byte> text, int position, out int size)
    {
        Rune.DecodeFromUtf8(text[position..], out var character, out size);
        return Rune.GetUnicodeCategory(character) switch
        {
            <= UnicodeCategory.OtherLetter => Kind.Letter,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => Kind.Number,
            _ => Rune.IsWhiteSpace(character) ? Kind.Space : Kind.Other,
        };
    }
}
