using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Electra.Files;

namespace Electra.Tokenization;

/// <summary>Names and pieces of a Hugging Face tokenizer directory that WordPiece and byte-level BPE share.</summary>
static class TokenizerFiles
{
    public const string TokenizerJson = "tokenizer.json", Config = "tokenizer_config.json", SpecialTokensMap = "special_tokens_map.json";
    public const string VocabularyText = "vocab.txt", VocabularyJson = "vocab.json", Merges = "merges.txt";

    /// <summary>The sequence length of every published BERT, ELECTRA and RoBERTa.</summary>
    const int ModelMaxLength = 512;

    // Readable tokens in the file: it is never embedded in HTML.
    static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Write(string directory, string name, JsonNode json) =>
        AtomicFile.WriteText(Path.Combine(directory, name), json.ToJsonString(Readable) + "\n");

    public static void WriteSpecialTokensMap(string directory, SpecialTokenNames names) => Write(directory, SpecialTokensMap, SpecialTokensMapOf(names));

    /// <summary>The keys of tokenizer_config.json that every tokenizer has.</summary>
    public static JsonObject ConfigOf(SpecialTokenNames names, string tokenizerClass)
    {
        var config = SpecialTokensMapOf(names);
        config["model_max_length"] = ModelMaxLength;
        config["tokenizer_class"] = tokenizerClass;
        return config;
    }

    /// <summary>The vocabulary as an object from token to id, in the order of the ids.</summary>
    public static JsonObject VocabularyOf(Vocabulary vocabulary) =>
        new(vocabulary.Tokens.Select((token, id) => KeyValuePair.Create(token, (JsonNode?)id)));

    /// <summary>The five special tokens as tokenizer.json's added_tokens, in the order of their ids.</summary>
    /// <param name="maskTakesSpace">True if the mask token swallows a space before it, as RoBERTa's does.</param>
    public static JsonArray AddedTokens(Vocabulary vocabulary, SpecialTokenNames names, bool maskTakesSpace) =>
        new([.. names.All.OrderBy(vocabulary.IdOf).Select(name => (JsonNode)new JsonObject
        {
            ["id"] = vocabulary.IdOf(name),
            ["content"] = name,
            ["single_word"] = false,
            ["lstrip"] = maskTakesSpace && name == names.Mask,
            ["rstrip"] = false,
            ["normalized"] = false,
            ["special"] = true,
        })]);

    static JsonObject SpecialTokensMapOf(SpecialTokenNames names) => new()
    {
        ["cls_token"] = names.Start,
        ["mask_token"] = names.Mask,
        ["pad_token"] = names.Padding,
        ["sep_token"] = names.Separator,
        ["unk_token"] = names.Unknown,
    };
}
