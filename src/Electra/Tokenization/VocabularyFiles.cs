using System.Text;
using System.Text.Json;

namespace Electra.Tokenization;

/// <summary>Reads vocabularies and merges in the forms in which they are exchanged.</summary>
static class VocabularyFiles
{
    const long MaxBytes = 256L << 20;

    static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>vocab.txt: one token per line, its id is the line's number from 0 on.</summary>
    /// <exception cref="InvalidDataException">The file is empty, too large, no UTF-8 text, or has an empty line.</exception>
    public static Vocabulary ReadText(string path)
    {
        var tokens = ReadLines(path);
        var empty = tokens.IndexOf("");
        if (empty >= 0) throw new InvalidDataException($"{path}: line {empty + 1:N0} is empty; each line must hold one token.");
        return Named(path, tokens);
    }

    /// <summary>merges.txt: "left right" on each line, a comment about the version first.</summary>
    /// <exception cref="InvalidDataException">A line is not two tokens.</exception>
    public static List<(string Left, string Right)> ReadMerges(string path) =>
        [.. ReadLines(path).Select((line, index) => (line, index)).Where(row => !(row.index == 0 && row.line.StartsWith("#version"))).Select(row =>
            Merge(row.line) ?? throw new InvalidDataException($"{path}: line {row.index + 1:N0} is '{row.line}'; two tokens with one space between are expected."))];

    /// <summary>The two tokens of a merge, or null if <paramref name="line"/> is none.</summary>
    public static (string Left, string Right)? Merge(string line) =>
        line.Split(' ') is [{ Length: > 0 } left, { Length: > 0 } right] ? (left, right) : null;

    /// <summary>An object from token to id, as in vocab.json and tokenizer.json.</summary>
    /// <param name="extra">More tokens with their ids, such as added tokens; those already there are skipped.</param>
    /// <exception cref="InvalidDataException">The ids are not 0 to n-1, once each.</exception>
    public static Vocabulary FromJson(string path, JsonElement vocabulary, IEnumerable<(string Token, int Id)> extra)
    {
        if (vocabulary.ValueKind != JsonValueKind.Object)
            throw new InvalidDataException($"{path}: the vocabulary is {vocabulary.ValueKind}; an object from token to id is expected.");
        var entries = vocabulary.EnumerateObject().Select(entry => (entry.Name, Id(path, entry))).ToList();
        var known = entries.Select(entry => entry.Name).ToHashSet();
        entries.AddRange(extra.Where(entry => known.Add(entry.Token)));

        var tokens = new string?[entries.Count];
        foreach (var (token, id) in entries)
        {
            if (id < 0 || id >= tokens.Length)
                throw new InvalidDataException($"{path}: token '{token}' has id {id:N0}; {tokens.Length:N0} tokens must have the ids 0 to {tokens.Length - 1:N0}.");
            if (tokens[id] is { } other) throw new InvalidDataException($"{path}: id {id:N0} belongs to '{other}' and to '{token}'.");
            tokens[id] = token;
        }
        return Named(path, tokens!); // as many ids as places, none twice: each place is filled
    }

    /// <summary>The file's lines without a byte order mark, carriage returns and trailing empty lines.</summary>
    static List<string> ReadLines(string path)
    {
        var length = new FileInfo(path).Length;
        if (length is 0 or > MaxBytes)
            throw new InvalidDataException($"{path}: {(length == 0 ? "the file is empty" : $"{length:N0} bytes are more than the {MaxBytes:N0} that are read")}. Wrong file?");
        try
        {
            var lines = Strict.GetString(File.ReadAllBytes(path)).TrimStart('\uFEFF').Split('\n').Select(line => line.TrimEnd('\r')).ToList();
            while (lines.Count > 0 && lines[^1].Length == 0) lines.RemoveAt(lines.Count - 1);
            return lines;
        }
        catch (DecoderFallbackException exception)
        {
            throw new InvalidDataException($"{path}: no UTF-8 text. Wrong file?", exception);
        }
    }

    static int Id(string path, JsonProperty entry) => entry.Value.ValueKind == JsonValueKind.Number && entry.Value.TryGetInt32(out var id)
        ? id
        : throw new InvalidDataException($"{path}: the id of '{entry.Name}' is {entry.Value}; it must be a whole number.");

    static Vocabulary Named(string path, IEnumerable<string> tokens)
    {
        try
        {
            return new Vocabulary(tokens);
        }
        catch (InvalidDataException exception)
        {
            throw new InvalidDataException($"{path}: {exception.Message}", exception);
        }
    }
}
