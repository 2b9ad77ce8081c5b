using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Electra.Tokenization;

namespace Electra.Cli;

/// <summary>What <c>electra vocab inspect</c> says about a tokenizer.</summary>
/// <param name="SpecialTokens">The five special tokens and their ids.</param>
/// <param name="Characters">Distinct characters that tokens are made of, or bytes for byte-level BPE.</param>
/// <param name="Scripts">How many of those characters are ASCII, other Latin (up to U+024F), ideographs, anything else.</param>
/// <param name="LongestTokens">The ten longest tokens.</param>
sealed record VocabularySummary(
    string Kind,
    int Size,
    bool? LowerCase,
    bool? StripsAccents,
    int? MaxWordCharacters,
    bool? AddPrefixSpace,
    Dictionary<string, int> SpecialTokens,
    int WordStarts,
    int Continuations,
    int Unused,
    int Characters,
    Dictionary<string, int> Scripts,
    double MeanLength,
    IReadOnlyList<string> LongestTokens,
    string Identity)
{
    const int NumLongest = 10;

    public static VocabularySummary Of(ITokenizer tokenizer)
    {
        var vocabulary = tokenizer.Vocabulary;
        var special = tokenizer.SpecialTokens;
        int[] specialIds = [special.Padding, special.Unknown, special.Start, special.Separator, special.Mask];
        var isUnused = vocabulary.Tokens.Select(token => token.StartsWith("[unused", StringComparison.Ordinal)).ToArray();
        var ids = Enumerable.Range(0, vocabulary.Count).Where(id => !isUnused[id] && !specialIds.Contains(id)).ToList();
        var texts = ids.Select(id => TextOf(tokenizer, id)).ToList();
        var characters = texts.SelectMany(text => text.EnumerateRunes()).Distinct().ToList();
        var wordPiece = tokenizer as WordPieceTokenizer;
        return new VocabularySummary(
            wordPiece is null ? "byte-level BPE" : "WordPiece",
            vocabulary.Count,
            wordPiece?.Config.LowerCase,
            wordPiece?.Config.StripsAccents,
            wordPiece?.Config.MaxWordCharacters,
            (tokenizer as ByteLevelBpeTokenizer)?.Config.AddPrefixSpace,
            specialIds.ToDictionary(id => vocabulary[id]),
            ids.Count(tokenizer.StartsWord),
            ids.Count(id => !tokenizer.StartsWord(id)),
            isUnused.Count(unused => unused),
            characters.Count,
            characters.GroupBy(Script).ToDictionary(group => group.Key, group => group.Count()),
            texts.Count == 0 ? 0 : texts.Average(text => text.Length),
            [.. ids.Zip(texts).OrderByDescending(pair => pair.Second.Length).ThenBy(pair => pair.First).Take(NumLongest).Select(pair => vocabulary[pair.First])],
            tokenizer.Identity);
    }

    public string ToJson() => JsonSerializer.Serialize(this, VocabularySummaryJson.Default.VocabularySummary);

    public override string ToString()
    {
        var text = new StringBuilder();
        void Line(string name, string value) => text.Append(name.PadRight(20)).AppendLine(value);
        Line("kind", Kind);
        Line("size", $"{Size:N0} tokens: {WordStarts:N0} begin a word, {Continuations:N0} do not, {Unused:N0} unused");
        Line("special tokens", string.Join(", ", SpecialTokens.Select(token => $"{token.Key} = {token.Value}")));
        if (LowerCase is { } lower) Line("casing", lower ? "lower-cased" : "cased");
        if (StripsAccents is { } strips) Line("accents", strips ? "stripped" : "kept");
        if (MaxWordCharacters is { } limit) Line("longest word", $"{limit} characters; a longer one is unknown");
        if (AddPrefixSpace is { } adds) Line("space before text", adds ? "added" : "not added");
        Line("characters", $"{Characters:N0} distinct: {string.Join(", ", Scripts.OrderBy(script => script.Key, StringComparer.Ordinal).Select(script => $"{script.Value:N0} {script.Key}"))}");
        Line("token length", $"{MeanLength:F1} characters on average");
        Line("longest tokens", string.Join(' ', LongestTokens));
        text.Append("identity".PadRight(20)).Append(Identity);
        return text.ToString();
    }

    /// <summary>What a token stands for, without the sign that it continues a word; bytes that are half a character show as U+FFFD.</summary>
    static string TextOf(ITokenizer tokenizer, int id) => tokenizer is WordPieceTokenizer && !tokenizer.StartsWord(id)
        ? tokenizer.Vocabulary[id][2..]
        : tokenizer is WordPieceTokenizer ? tokenizer.Vocabulary[id] : tokenizer.Decode([id]);

    static string Script(Rune character) => character.Value switch
    {
        < 0x80 => "ascii",
        < 0x250 => "latin",
        >= 0x3400 and <= 0x9FFF or >= 0x20000 and <= 0x2FA1F => "ideographs",
        _ => "other",
    };
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(VocabularySummary))]
sealed partial class VocabularySummaryJson : JsonSerializerContext;
