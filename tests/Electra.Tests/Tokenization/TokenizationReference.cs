using System.Runtime.CompilerServices;
using System.Text.Json;
using Electra.Tokenization;

namespace Electra.Tests.Tokenization;

/// <summary>Stored texts with the tokens of the published tokenizers, and their vocabularies.</summary>
static class TokenizationReference
{
    public sealed record Example(string Text, string[] Tokens, int[] Ids);

    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "Reference", "tokenization");

    /// <summary>The folder of shared data beside the repository, or null.</summary>
    public static string? Shared([CallerFilePath] string thisFile = "")
    {
        for (var folder = Directory.GetParent(thisFile); folder is not null; folder = folder.Parent)
            if (Directory.Exists(Path.Combine(folder.FullName, "shared", "goldens"))) return Path.Combine(folder.FullName, "shared");
        return null;
    }

    public static IEnumerable<Example> Read(string path) =>
        File.ReadLines(path).Select(line =>
        {
            using var json = JsonDocument.Parse(line);
            return new Example(
                json.RootElement.GetProperty("text").GetString()!,
                [.. json.RootElement.GetProperty("tokens").EnumerateArray().Select(token => token.GetString()!)],
                [.. json.RootElement.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())]);
        });

    public static Vocabulary ReadVocabulary(string path) => new(File.ReadLines(path));

    public static int[] Encode(this ITokenizer tokenizer, string text)
    {
        var ids = new TokenBuffer();
        tokenizer.Encode(text.AsSpan(), ids);
        return ids.Ids.ToArray();
    }
}
