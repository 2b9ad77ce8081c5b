using System.Text.Json.Nodes;
using Electra.Model;

namespace Electra.Checkpoints;

/// <summary>What Hugging Face takes where a config.json says nothing: ElectraConfig, BertConfig and RobertaConfig.</summary>
static class ConfigDefaults
{
    const string Electra = """
        { "vocab_size": 30522, "embedding_size": 128, "hidden_size": 256, "num_hidden_layers": 12, "num_attention_heads": 4,
          "intermediate_size": 1024, "hidden_act": "gelu", "hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.1,
          "max_position_embeddings": 512, "type_vocab_size": 2, "initializer_range": 0.02, "layer_norm_eps": 1e-12,
          "summary_type": "first", "summary_use_proj": true, "summary_activation": "gelu", "summary_last_dropout": 0.1,
          "pad_token_id": 0, "position_embedding_type": "absolute", "use_cache": true, "classifier_dropout": null }
        """;

    const string Bert = """
        { "vocab_size": 30522, "hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12,
          "intermediate_size": 3072, "hidden_act": "gelu", "hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.1,
          "max_position_embeddings": 512, "type_vocab_size": 2, "initializer_range": 0.02, "layer_norm_eps": 1e-12,
          "pad_token_id": 0, "position_embedding_type": "absolute", "use_cache": true, "classifier_dropout": null }
        """;

    const string Roberta = """
        { "vocab_size": 50265, "hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12,
          "intermediate_size": 3072, "hidden_act": "gelu", "hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.1,
          "max_position_embeddings": 512, "type_vocab_size": 2, "initializer_range": 0.02, "layer_norm_eps": 1e-12,
          "pad_token_id": 1, "bos_token_id": 0, "eos_token_id": 2,
          "position_embedding_type": "absolute", "use_cache": true, "classifier_dropout": null }
        """;

    /// <summary>A fresh copy of a family's defaults, in the order in which they are written.</summary>
    public static JsonObject Of(EncoderFamily family) => JsonNode.Parse(family switch
    {
        EncoderFamily.Electra => Electra,
        EncoderFamily.Bert => Bert,
        _ => Roberta,
    })!.AsObject();
}
