using System.Text.Json.Nodes;
using Electra.Files;

namespace Electra.Tokenization;

/// <summary>Writes a WordPiece tokenizer as Hugging Face's slow and fast tokenizers read it.</summary>
static class WordPieceFiles
{
    /// <summary>Writes vocab.txt, tokenizer.json, tokenizer_config.json and special_tokens_map.json.</summary>
    public static void Save(WordPieceTokenizer tokenizer, string directory)
    {
        Directory.CreateDirectory(directory);
        AtomicFile.WriteText(Path.Combine(directory, TokenizerFiles.VocabularyText), string.Concat(tokenizer.Vocabulary.Tokens.Select(token => token + "\n")));
        TokenizerFiles.Write(directory, TokenizerFiles.TokenizerJson, TokenizerJson(tokenizer));
        TokenizerFiles.Write(directory, TokenizerFiles.Config, Config(tokenizer));
        TokenizerFiles.WriteSpecialTokensMap(directory, tokenizer.Names);
    }

    static JsonObject Config(WordPieceTokenizer tokenizer)
    {
        var config = TokenizerFiles.ConfigOf(tokenizer.Names, "BertTokenizer");
        config["do_lower_case"] = tokenizer.Config.LowerCase;
        config["strip_accents"] = tokenizer.Config.StripAccents;
        config["tokenize_chinese_chars"] = tokenizer.Config.IsolateCjk;
        config["max_input_chars_per_word"] = tokenizer.Config.MaxWordCharacters;
        config["clean_up_tokenization_spaces"] = true; // as the decoder below; transformers 4.45 warns where it is left out
        return config;
    }

    static JsonObject TokenizerJson(WordPieceTokenizer tokenizer)
    {
        var (vocabulary, names, config) = (tokenizer.Vocabulary, tokenizer.Names, tokenizer.Config);
        return new JsonObject
        {
            ["version"] = "1.0",
            ["truncation"] = null,
            ["padding"] = null,
            ["added_tokens"] = TokenizerFiles.AddedTokens(vocabulary, names, maskTakesSpace: false),
            ["normalizer"] = new JsonObject
            {
                ["type"] = "BertNormalizer",
                ["clean_text"] = true,
                ["handle_chinese_chars"] = config.IsolateCjk,
                ["strip_accents"] = config.StripAccents,
                ["lowercase"] = config.LowerCase,
            },
            ["pre_tokenizer"] = new JsonObject { ["type"] = "BertPreTokenizer" },
            ["post_processor"] = new JsonObject
            {
                ["type"] = "TemplateProcessing",
                ["single"] = new JsonArray(Special(names.Start, 0), Sequence("A", 0), Special(names.Separator, 0)),
                ["pair"] = new JsonArray(
                    Special(names.Start, 0), Sequence("A", 0), Special(names.Separator, 0), Sequence("B", 1), Special(names.Separator, 1)),
                ["special_tokens"] = new JsonObject
                {
                    [names.Start] = Template(names.Start, tokenizer.SpecialTokens.Start),
                    [names.Separator] = Template(names.Separator, tokenizer.SpecialTokens.Separator),
                },
            },
            ["decoder"] = new JsonObject { ["type"] = "WordPiece", ["prefix"] = "##", ["cleanup"] = true },
            ["model"] = new JsonObject
            {
                ["type"] = "WordPiece",
                ["unk_token"] = names.Unknown,
                ["continuing_subword_prefix"] = "##",
                ["max_input_chars_per_word"] = config.MaxWordCharacters,
                ["vocab"] = TokenizerFiles.VocabularyOf(vocabulary),
            },
        };
    }

    static JsonObject Special(string name, int type) => new() { ["SpecialToken"] = new JsonObject { ["id"] = name, ["type_id"] = type } };

    static JsonObject Sequence(string name, int type) => new() { ["Sequence"] = new JsonObject { ["id"] = name, ["type_id"] = type } };

    static JsonObject Template(string name, int id) => new() { ["id"] = name, ["ids"] = new JsonArray(id), ["tokens"] = new JsonArray(name) };
}
