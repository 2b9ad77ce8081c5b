using System.Text.Json;

namespace Electra.Tokenization;

/// <summary>Reads Hugging Face's tokenizer.json: BERT's WordPiece and byte-level BPE, everything else is refused by name.</summary>
static class TokenizerJsonReader
{
    public static ITokenizer Read(string path, JsonElement json, TokenizerSettings settings)
    {
        var model = json.GetProperty("model");
        if (model.ValueKind != JsonValueKind.Object) throw new InvalidDataException($"{path}: model is {model.ValueKind}; an object is expected.");
        return Kind(model) switch
        {
            "WordPiece" => ReadWordPiece(path, json, model, settings),
            "BPE" => ReadByteLevelBpe(path, json, model, settings),
            var other => throw new InvalidDataException($"{path}: the model is {other}; only WordPiece and byte-level BPE can be read."),
        };
    }

    /// <summary>Files of before 2020 do not name the kind of their model, but each kind has keys of its own.</summary>
    static string Kind(JsonElement model) => Text(model, "type")
        ?? (model.TryGetProperty("max_input_chars_per_word", out _) ? "WordPiece"
        : model.TryGetProperty("merges", out _) ? "BPE"
        : model.TryGetProperty("vocab", out var vocabulary) && vocabulary.ValueKind == JsonValueKind.Array ? "Unigram"
        : "of no known kind");

    static WordPieceTokenizer ReadWordPiece(string path, JsonElement json, JsonElement model, TokenizerSettings settings)
    {
        var normalizer = Part(json, "normalizer");
        Expect(path, "normalizer", Text(normalizer, "type"), "BertNormalizer");
        Expect(path, "normalizer.clean_text", Flag(normalizer, "clean_text") ?? true, true);
        Expect(path, "pre_tokenizer", Text(Part(json, "pre_tokenizer"), "type"), "BertPreTokenizer");
        Expect(path, "model.continuing_subword_prefix", Text(model, "continuing_subword_prefix") ?? "##", "##");

        var defaults = new WordPieceConfig(
            Flag(normalizer, "lowercase") ?? true,
            Flag(normalizer, "strip_accents"),
            Flag(normalizer, "handle_chinese_chars") ?? true,
            Number(model, "max_input_chars_per_word") ?? new WordPieceConfig().MaxWordCharacters);
        var names = settings.Names(SpecialTokenNames.Bert with { Unknown = Text(model, "unk_token") ?? SpecialTokenNames.Bert.Unknown });
        return new WordPieceTokenizer(ReadVocabulary(path, json, model), settings.Over(defaults), names);
    }

    static ByteLevelBpeTokenizer ReadByteLevelBpe(string path, JsonElement json, JsonElement model, TokenizerSettings settings)
    {
        var splitter = Part(json, "pre_tokenizer");
        Expect(path, "normalizer", Text(Part(json, "normalizer"), "type"), null);
        Expect(path, "pre_tokenizer", Text(splitter, "type"), "ByteLevel");
        Expect(path, "pre_tokenizer.use_regex", Flag(splitter, "use_regex") ?? true, true);
        Expect(path, "model.ignore_merges", Flag(model, "ignore_merges") ?? false, false);
        Expect(path, "model.end_of_word_suffix", Text(model, "end_of_word_suffix") ?? "", "");
        Expect(path, "model.continuing_subword_prefix", Text(model, "continuing_subword_prefix") ?? "", "");

        var defaults = new ByteLevelBpeConfig(Flag(splitter, "add_prefix_space") ?? false);
        return new ByteLevelBpeTokenizer(
            ReadVocabulary(path, json, model), ReadMerges(path, model), settings.Over(defaults), settings.Names(SpecialTokenNames.Roberta));
    }

    static Vocabulary ReadVocabulary(string path, JsonElement json, JsonElement model)
    {
        var extra = new List<(string, int)>();
        if (Part(json, "added_tokens") is { ValueKind: JsonValueKind.Array } added)
            foreach (var token in added.EnumerateArray())
                if (Text(token, "content") is { } content && Number(token, "id") is { } id) extra.Add((content, id));
        return VocabularyFiles.FromJson(path, Part(model, "vocab"), extra);
    }

    /// <summary>Merges are "left right" or, in files of 2024 and later, ["left", "right"].</summary>
    static List<(string Left, string Right)> ReadMerges(string path, JsonElement model)
    {
        if (Part(model, "merges") is not { ValueKind: JsonValueKind.Array } merges) throw new InvalidDataException($"{path}: model.merges is missing.");
        return [.. merges.EnumerateArray().Select(merge => merge.ValueKind switch
        {
            JsonValueKind.String => VocabularyFiles.Merge(merge.GetString()!),
            JsonValueKind.Array when merge.GetArrayLength() == 2 && merge[0].ValueKind == JsonValueKind.String && merge[1].ValueKind == JsonValueKind.String
                => (merge[0].GetString()!, merge[1].GetString()!),
            _ => null,
        } ?? throw new InvalidDataException($"{path}: merge {merge} is not two tokens."))];
    }

    static void Expect<T>(string path, string what, T found, T expected)
    {
        if (!Equals(found, expected))
            throw new InvalidDataException($"{path}: {what} is {found?.ToString() ?? "missing"}; only {expected?.ToString() ?? "none"} can be read.");
    }

    static JsonElement Part(JsonElement parent, string key) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(key, out var part) ? part : default;

    static string? Text(JsonElement parent, string key) => Part(parent, key) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    static int? Number(JsonElement parent, string key) =>
        Part(parent, key) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out var value) ? value : null;

    static bool? Flag(JsonElement parent, string key) => Part(parent, key).ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };
}
