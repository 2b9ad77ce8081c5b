using System.Text.Json.Nodes;
using Electra.Checkpoints;
using Electra.Model;
using Electra.Tests.Evaluation;

namespace Electra.Tests.Checkpoints;

public sealed class HuggingFaceConfigTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void An_empty_electra_config_is_the_small_discriminator_and_says_what_it_filled()
    {
        var config = Read("""{"model_type":"electra","architectures":["ElectraForPreTraining"]}""");
        Assert.Equal(new EncoderConfig(), config.Network.Encoder);
        Assert.Equal(
            "vocab_size embedding_size hidden_size num_hidden_layers num_attention_heads intermediate_size hidden_act hidden_dropout_prob "
            + "attention_probs_dropout_prob max_position_embeddings type_vocab_size initializer_range layer_norm_eps summary_type summary_use_proj "
            + "summary_activation summary_last_dropout pad_token_id position_embedding_type use_cache classifier_dropout",
            string.Join(' ', config.FilledDefaults));
        Assert.Equal(["LABEL_0", "LABEL_1"], config.Network.Labels);
    }

    [Fact]
    public void Bert_and_roberta_have_defaults_of_their_own()
    {
        var bert = Read("""{"model_type":"bert","architectures":["BertForMaskedLM"]}""").Network.Encoder;
        Assert.Equal((30522, 768, 768, 12, 3072, 0), (bert.VocabSize, bert.HiddenSize, bert.EmbeddingSize, bert.NumAttentionHeads, bert.IntermediateSize, bert.PadTokenId));
        var roberta = Read("""{"model_type":"roberta","architectures":["RobertaForMaskedLM"],"max_position_embeddings":514,"type_vocab_size":1}""").Network.Encoder;
        Assert.Equal((50265, 768, 1, 512), (roberta.VocabSize, roberta.EmbeddingSize, roberta.PadTokenId, roberta.MaxLength));
    }

    [Fact]
    public void The_written_file_keeps_every_key_and_adds_only_the_filled_ones()
    {
        var original = JsonNode.Parse(File.ReadAllBytes(ReferenceFiles.Get("models", "electra-token-classification", "config.json")))!.AsObject();
        original["_name_or_path"] = "somewhere/else";
        original["task_specific_params"] = new JsonObject { ["a"] = new JsonArray(1, 2.50) };
        var config = Read(original.ToJsonString());

        var written = JsonNode.Parse(config.ToJson())!.AsObject();
        foreach (var (key, value) in original) Assert.True(JsonNode.DeepEquals(value, written[key]), key);
        Assert.Equal(config.FilledDefaults, written.Select(pair => pair.Key).Except(original.Select(pair => pair.Key)));
        Assert.Contains("1e-12", config.ToJson());
    }

    [Fact]
    public void A_model_made_here_names_every_key_that_hugging_face_documents()
    {
        var json = JsonNode.Parse(new HuggingFaceConfig(new NetworkConfig(Architecture.Named("ElectraForMaskedLM"), new EncoderConfig(HiddenSize: 64, NumAttentionHeads: 1))).ToJson())!.AsObject();
        var reference = JsonNode.Parse(File.ReadAllBytes(ReferenceFiles.Get("models", "electra-generator", "config.json")))!.AsObject();
        Assert.Empty(reference.Select(pair => pair.Key).Except(json.Select(pair => pair.Key)));
        Assert.Equal("ElectraForMaskedLM", (string?)json["architectures"]![0]);
        Assert.Equal("electra", (string?)json["model_type"]);
        Assert.Equal((64, 128), ((int)json["hidden_size"]!, (int)json["embedding_size"]!));
        foreach (var key in (string[])["summary_type", "summary_use_proj", "summary_activation", "summary_last_dropout", "hidden_act", "type_vocab_size"])
            Assert.True(JsonNode.DeepEquals(reference[key], json[key]), key);
    }

    [Fact]
    public void Reading_back_what_was_written_gives_the_same_network()
    {
        var network = new NetworkConfig(
            Architecture.Named("RobertaForSequenceClassification"),
            new EncoderConfig(EncoderFamily.Roberta, 100, 32, 32, 3, 4, 64, "gelu_new", 0.05, 0.15, 42, 1, 0.03, 1e-5, 1),
            ["no", "maybe", "yes"], 0.25, ProblemType.MultiLabelClassification);
        var back = Read(new HuggingFaceConfig(network).ToJson());
        Assert.Equal(network with { Labels = back.Network.Labels }, back.Network);
        Assert.Equal(network.Labels, back.Network.Labels);
        Assert.Empty(back.FilledDefaults);
    }

    [Fact]
    public void Family_and_architecture_are_read_off_the_tensors_where_the_file_is_silent()
    {
        var config = Read("{}", "electra.embeddings.word_embeddings.weight", "generator_predictions.dense.bias");
        Assert.Equal("ElectraForMaskedLM", config.Network.Architecture.Name);
        Assert.Contains("names no architecture", Assert.Single(config.Notes));
        Assert.Equal("BertModel", Read("""{"model_type":"bert"}""", "embeddings.word_embeddings.weight").Network.Architecture.Name);
        Assert.Equal("BertModel", Read("""{"architectures":["BertForMultipleChoice"],"model_type":"bert"}""", "bert.pooler.dense.bias", "classifier.bias").Network.Architecture.Name);
    }

    [Theory]
    [InlineData("""{"model_type":"electra","id2label":{"1":"b","0":"a"}}""", "a b")]
    [InlineData("""{"model_type":"electra","label2id":{"b":1,"a":0}}""", "a b")]
    [InlineData("""{"model_type":"electra","num_labels":3}""", "LABEL_0 LABEL_1 LABEL_2")]
    public void Labels_are_read_from_whichever_key_names_them(string json, string labels) =>
        Assert.Equal(labels, string.Join(' ', Read(json, "electra.x").Network.Labels));

    [Theory]
    [InlineData("""{"position_embedding_type":"relative_key"}""", "position_embedding_type is \"relative_key\", only \"absolute\"")]
    [InlineData("""{"is_decoder":true}""", "is_decoder is true")]
    [InlineData("""{"pruned_heads":{"0":[1]}}""", "pruned_heads")]
    [InlineData("""{"hidden_act":"mish"}""", "hidden_act 'mish' is unknown")]
    [InlineData("""{"hidden_size":"big"}""", "hidden_size is \"big\", it must be a whole number")]
    [InlineData("""{"hidden_size":null}""", "hidden_size is null")]
    [InlineData("""{"hidden_size":256.5}""", "hidden_size is 256.5")]
    [InlineData("""{"hidden_size":99999999999}""", "hidden_size is 99999999999")]
    [InlineData("""{"vocab_size":2000000000}""", "at most 16,777,216")]
    [InlineData("""{"num_hidden_layers":100000}""", "0..256")]
    [InlineData("""{"num_attention_heads":3}""", "not divisible")]
    [InlineData("""{"layer_norm_eps":0}""", "layer_norm_eps")]
    [InlineData("""{"classifier_dropout":1.5}""", "classifier_dropout is 1.5")]
    [InlineData("""{"architectures":"ElectraModel"}""", "must be a list")]
    [InlineData("""{"architectures":["BertModel"]}""", "architectures names BertModel, model_type says electra")]
    [InlineData("""{"model_type":"gpt2"}""", "model_type 'gpt2' is not built here")]
    [InlineData("""{"id2label":{"0":"a","2":"b"}}""", "'2' does not fit")]
    [InlineData("""{"id2label":{}}""", "names 0 labels")]
    [InlineData("""{"id2label":{"0":1}}""", "id2label.0 is 1, it must be text")]
    [InlineData("""{"problem_type":"guessing"}""", "problem_type 'guessing'")]
    [InlineData("""{"architectures":["ElectraForMaskedLM"],"tie_word_embeddings":false}""", "tie_word_embeddings is false")]
    [InlineData("""{"vocab_size":1,"vocab_size":2}""", "not valid JSON")]
    [InlineData("""[]""", "not a JSON object")]
    [InlineData("""{""", "not valid JSON")]
    public void An_impossible_value_is_refused_by_key_and_value(string json, string expected)
    {
        if (json.StartsWith('{') && json.EndsWith('}') && !json.Contains("model_type", StringComparison.Ordinal)) json = $$"""{"model_type":"electra",{{json[1..]}}""";
        var message = Assert.Throws<InvalidDataException>(() => Read(json, "electra.x")).Message;
        Assert.Contains(expected, message);
        Assert.StartsWith(_folder.Path, message);
    }

    HuggingFaceConfig Read(string json, params string[] tensorNames) => HuggingFaceConfig.Read(_folder.Write("config.json", json), tensorNames);
}
