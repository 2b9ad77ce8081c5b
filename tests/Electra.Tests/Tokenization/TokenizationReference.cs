using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using CsCheck;
using Electra.Tokenization;

namespace Electra.Tests.Tokenization;

/// <summary>Texts with the tokens of the published tokenizers, their vocabularies, and random text.</summary>
static class TokenizationReference
{
    /// <summary>Half ordinary letters, half the characters that rules are about: marks, signs, spaces, controls, ideographs, Hangul, capitals of all scripts.</summary>
    static readonly Gen<string> Character = Gen.Frequency(
        (6, Gen.Char['a', 'z'].Select(letter => letter.ToString())),
        (2, Gen.OneOf("A", "Z", "0", "9", "'", "-", "[", "#", "_", "s", "t", "re", "'ll", "##")),
        (3, Gen.OneOf(" ", " ", "  ", "\t", "\n", "\r\n", "\u00A0", "\u3000", "\u2028", "\u0085", "\v", "\u001c")),
        (2, Gen.OneOf("é", "e\u0301", "ö", "ß", "İ", "I\u0307", "Σ", "ς", "Ж", "ﬁ", "Å", "\u212B", "\u0344", "ǅ", "ñ", "\u037E", "\u2260", "\u1FEF", "\u212A")),
        (1, Gen.OneOf("中", "文", "\uFA12", "\u3400", "한", "글", "각", "あ", "ア", "\u302E", "क्षि", "ש", "٣", "Ⅻ", "½")),
        (1, Gen.OneOf("\0", "\u0001", "\u00AD", "\u200B", "\u200D", "\uFEFF", "\uFFFD", "\uE000", "\u0378", "\uD800", "\uDC00")),
        (1, Gen.OneOf("’", "“", "–", "…", "€", "×", "°", "😀", "👩🏽‍🚀", "𐐀", "𝒳", "\U0001D160", "\U0002F800", "\U0002A700", "\U000E0001")),
        (1, Gen.Int[0, 0x10FFFF].Where(Rune.IsValid).Select(char.ConvertFromUtf32)));

    /// <summary>Random text, with now and then a long word.</summary>
    public static Gen<string> Text { get; } = Gen.Select(Character.Array[0, 60], Gen.Int[0, 300], Character).Select((characters, length, repeated) =>
        string.Concat(characters) + (length > 200 ? string.Concat(Enumerable.Repeat(repeated, length - 170)) : ""));

    public sealed record Example(string Text, string[] Tokens, int[] Ids);

    /// <summary>The folder of the committed references.</summary>
    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "Reference", "tokenization");

    /// <summary>The folder of shared data beside the repository, or null.</summary>
    public static string? Shared([CallerFilePath] string thisFile = "")
    {
        for (var folder = Directory.GetParent(thisFile); folder is not null; folder = folder.Parent)
            if (Directory.Exists(Path.Combine(folder.FullName, "shared", "goldens"))) return Path.Combine(folder.FullName, "shared");
        return null;
    }

    /// <summary>The committed directory of a published tokenizer.</summary>
    public static string DirectoryOf(string name) => Path.Combine(Folder, name);

    /// <summary>The stored examples, without those that hold special tokens: those were cut out of the text there, and are text here.</summary>
    public static List<Example> Read(string path, SpecialTokenNames names) =>
        [.. File.ReadLines(path).Select(Parse).Where(example => !names.All.Any(example.Text.Contains))];

    public static int[] Encode(this ITokenizer tokenizer, string text)
    {
        var ids = new TokenBuffer();
        tokenizer.Encode(text.AsSpan(), ids);
        return ids.Ids.ToArray();
    }

    public static int[] EncodeBytes(this ITokenizer tokenizer, ReadOnlySpan<byte> text)
    {
        var ids = new TokenBuffer();
        tokenizer.Encode(text, ids);
        return ids.Ids.ToArray();
    }

    public static string[] Tokens(this ITokenizer tokenizer, string text) => [.. tokenizer.Encode(text).Select(id => tokenizer.Vocabulary[id])];

    /// <summary>A folder that is gone after the test.</summary>
    public static TemporaryFolder NewFolder() => new();

    static Example Parse(string line)
    {
        using var json = JsonDocument.Parse(line);
        return new Example(
            json.RootElement.GetProperty("text").GetString()!,
            [.. json.RootElement.GetProperty("tokens").EnumerateArray().Select(token => token.GetString()!)],
            [.. json.RootElement.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())]);
    }

    public sealed class TemporaryFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("electra-tokenization-").FullName;

        public string Write(string name, string text)
        {
            File.WriteAllText(System.IO.Path.Combine(Path, name), text);
            return System.IO.Path.Combine(Path, name);
        }

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
