using System.Text.Json;

namespace Electra.Tokenization;

/// <summary>What tokenizer_config.json and special_tokens_map.json say; null where they are silent.</summary>
sealed record TokenizerSettings(bool? LowerCase, bool? StripAccents, bool? IsolateCjk, int? MaxWordCharacters, bool? AddPrefixSpace, JsonElement[] Files)
{
    /// <summary>Reads the two files of <paramref name="directory"/>; either may be missing.</summary>
    public static TokenizerSettings Read(string directory)
    {
        string[] paths = [Path.Combine(directory, TokenizerFiles.Config), Path.Combine(directory, TokenizerFiles.SpecialTokensMap)];
        var files = paths.Where(File.Exists).Select(JsonFile.Read).ToArray();
        var config = File.Exists(paths[0]) ? files[0] : default;
        return new TokenizerSettings(
            Flag(config, "do_lower_case", paths[0]),
            Flag(config, "strip_accents", paths[0]),
            Flag(config, "tokenize_chinese_chars", paths[0]),
            Number(config, "max_input_chars_per_word", paths[0]),
            Flag(config, "add_prefix_space", paths[0]),
            files);
    }

    /// <summary>These settings, and <paramref name="defaults"/> where they are silent.</summary>
    /// <remarks>A file that names the casing also decides about accents, if only by leaving them out: null follows the casing.</remarks>
    public WordPieceConfig Over(WordPieceConfig defaults) => new(
        LowerCase ?? defaults.LowerCase,
        LowerCase is null ? StripAccents ?? defaults.StripAccents : StripAccents,
        IsolateCjk ?? defaults.IsolateCjk,
        MaxWordCharacters ?? defaults.MaxWordCharacters);

    /// <summary>These settings, and <paramref name="defaults"/> where they are silent.</summary>
    public ByteLevelBpeConfig Over(ByteLevelBpeConfig defaults) => new(AddPrefixSpace ?? defaults.AddPrefixSpace);

    /// <summary>The special tokens' names, those of <paramref name="defaults"/> where no file gives one.</summary>
    public SpecialTokenNames Names(SpecialTokenNames defaults) => new(
        Name("cls_token") ?? defaults.Start,
        Name("sep_token") ?? defaults.Separator,
        Name("pad_token") ?? defaults.Padding,
        Name("mask_token") ?? defaults.Mask,
        Name("unk_token") ?? defaults.Unknown);

    /// <summary>A name is a string or, in older files, an object with its content.</summary>
    string? Name(string key)
    {
        foreach (var file in Files)
        {
            if (!file.TryGetProperty(key, out var value)) continue;
            if (value.ValueKind == JsonValueKind.Object && value.TryGetProperty("content", out var content)) value = content;
            if (value.ValueKind == JsonValueKind.String) return value.GetString();
        }
        return null;
    }

    static bool? Flag(JsonElement config, string key, string path) => Property(config, key) switch
    {
        null or { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        var other => throw new InvalidDataException($"{path}: {key} is {other}; it must be true, false or null."),
    };

    static int? Number(JsonElement config, string key, string path) => Property(config, key) switch
    {
        null or { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.Number } value when value.TryGetInt32(out var number) => number,
        var other => throw new InvalidDataException($"{path}: {key} is {other}; it must be a whole number."),
    };

    static JsonElement? Property(JsonElement config, string key) =>
        config.ValueKind == JsonValueKind.Object && config.TryGetProperty(key, out var value) ? value : null;
}
