using System.Text.Json.Nodes;
using Electra.Files;

namespace Electra.Tokenization;

/// <summary>Writes a byte-level BPE tokenizer as Hugging Face's slow and fast tokenizers read it.</summary>
static class ByteLevelBpeFiles
{
    const string MergesHeader = "#version: 0.2\n";

    /// <summary>Writes vocab.json, merges.txt, tokenizer.json, tokenizer_config.json and special_tokens_map.json.</summary>
    public static void Save(ByteLevelBpeTokenizer tokenizer, string directory)
    {
        Directory.CreateDirectory(directory);
        TokenizerFiles.Write(directory, TokenizerFiles.VocabularyJson, TokenizerFiles.VocabularyOf(tokenizer.Vocabulary));
        AtomicFile.WriteText(
            Path.Combine(directory, TokenizerFiles.Merges),
            MergesHeader + string.Concat(tokenizer.Merges.Select(merge => $"{merge.Left} {merge.Right}\n")));
        TokenizerFiles.Write(directory, TokenizerFiles.TokenizerJson, TokenizerJson(tokenizer));
        TokenizerFiles.Write(directory, TokenizerFiles.Config, Config(tokenizer));
        TokenizerFiles.WriteSpecialTokensMap(directory, tokenizer.Names);
    }

    static JsonObject Config(ByteLevelBpeTokenizer tokenizer)
    {
        var config = TokenizerFiles.ConfigOf(tokenizer.Names, "RobertaTokenizer");
        config["bos_token"] = tokenizer.Names.Start;
        config["eos_token"] = tokenizer.Names.Separator;
        config["add_prefix_space"] = tokenizer.Config.AddPrefixSpace;
        config["clean_up_tokenization_spaces"] = false; // a byte-level text comes back as it was; transformers 4.45 warns where it is left out
        return config;
    }

    static JsonObject TokenizerJson(ByteLevelBpeTokenizer tokenizer)
    {
        var (vocabulary, names, prefix) = (tokenizer.Vocabulary, tokenizer.Names, tokenizer.Config.AddPrefixSpace);
        return new JsonObject
        {
            ["version"] = "1.0",
            ["truncation"] = null,
            ["padding"] = null,
            ["added_tokens"] = TokenizerFiles.AddedTokens(vocabulary, names, maskTakesSpace: true),
            ["normalizer"] = null,
            ["pre_tokenizer"] = new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = prefix, ["trim_offsets"] = true },
            ["post_processor"] = new JsonObject
            {
                ["type"] = "RobertaProcessing",
                ["sep"] = new JsonArray(names.Separator, tokenizer.SpecialTokens.Separator),
                ["cls"] = new JsonArray(names.Start, tokenizer.SpecialTokens.Start),
                ["trim_offsets"] = true,
                ["add_prefix_space"] = prefix,
            },
            ["decoder"] = new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = true, ["trim_offsets"] = true },
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["dropout"] = null,
                ["unk_token"] = null,
                ["continuing_subword_prefix"] = "",
                ["end_of_word_suffix"] = "",
                ["fuse_unk"] = false,
                ["vocab"] = TokenizerFiles.VocabularyOf(vocabulary),
                ["merges"] = new JsonArray([.. tokenizer.Merges.Select(merge => (JsonNode)$"{merge.Left} {merge.Right}")]),
            },
        };
    }
}
