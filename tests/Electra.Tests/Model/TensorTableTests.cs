using Electra.Model;
using TorchSharp;

namespace Electra.Tests.Model;

/// <summary>Names, shapes and counts of every architecture, declared on torch's meta device: no memory is taken.</summary>
[Collection(TorchCollection.Name)]
public sealed class TensorTableTests
{
    static readonly EncoderConfig Small = new();
    static readonly EncoderConfig SmallGenerator = new(HiddenSize: 64, NumAttentionHeads: 1, IntermediateSize: 256);
    static readonly EncoderConfig Base = new(EmbeddingSize: 768, HiddenSize: 768, NumAttentionHeads: 12, IntermediateSize: 3072);
    static readonly EncoderConfig Large = new(EmbeddingSize: 1024, HiddenSize: 1024, NumHiddenLayers: 24, NumAttentionHeads: 16, IntermediateSize: 4096);
    static readonly EncoderConfig Bert = Base with { Family = EncoderFamily.Bert };
    static readonly EncoderConfig Roberta = Base with
    {
        Family = EncoderFamily.Roberta,
        VocabSize = 50265,
        MaxPositionEmbeddings = 514,
        TypeVocabSize = 1,
        LayerNormEps = 1e-5,
        PadTokenId = 1,
    };

    [Fact]
    public void The_small_discriminator_has_the_published_203_tensors()
    {
        var expected = Encoder("electra.", vocab: 30522, embedding: 128, hidden: 256, feedForward: 1024, layers: 12, positions: 512, types: 2);
        expected["discriminator_predictions.dense.weight"] = "[256, 256]";
        expected["discriminator_predictions.dense.bias"] = "[256]";
        expected["discriminator_predictions.dense_prediction.weight"] = "[1, 256]";
        expected["discriminator_predictions.dense_prediction.bias"] = "[1]";

        Assert.Equal(203, expected.Count);
        Assert.Equal(expected, Table("ElectraForPreTraining", Small));
    }

    [Fact]
    public void The_small_generator_has_the_published_tensors_without_the_tied_copy()
    {
        var expected = Encoder("electra.", vocab: 30522, embedding: 128, hidden: 64, feedForward: 256, layers: 12, positions: 512, types: 2);
        expected["generator_predictions.LayerNorm.weight"] = "[128]";
        expected["generator_predictions.LayerNorm.bias"] = "[128]";
        expected["generator_predictions.dense.weight"] = "[128, 64]";
        expected["generator_predictions.dense.bias"] = "[128]";
        expected["generator_lm_head.bias"] = "[30522]";

        Assert.Equal(204, expected.Count);
        Assert.Equal(expected, Table("ElectraForMaskedLM", SmallGenerator));
    }

    [Fact]
    public void Bert_has_its_published_tensors_without_the_tied_copies()
    {
        var expected = Encoder("bert.", vocab: 30522, embedding: 768, hidden: 768, feedForward: 3072, layers: 12, positions: 512, types: 2);
        expected["bert.pooler.dense.weight"] = "[768, 768]";
        expected["bert.pooler.dense.bias"] = "[768]";
        expected["cls.predictions.bias"] = "[30522]";
        expected["cls.predictions.transform.dense.weight"] = "[768, 768]";
        expected["cls.predictions.transform.dense.bias"] = "[768]";
        expected["cls.predictions.transform.LayerNorm.weight"] = "[768]";
        expected["cls.predictions.transform.LayerNorm.bias"] = "[768]";
        expected["cls.seq_relationship.weight"] = "[2, 768]";
        expected["cls.seq_relationship.bias"] = "[2]";

        Assert.Equal(expected, Table("BertForPreTraining", Bert));
    }

    [Fact]
    public void Roberta_has_its_published_tensors_without_the_tied_copies()
    {
        var expected = Encoder("roberta.", vocab: 50265, embedding: 768, hidden: 768, feedForward: 3072, layers: 12, positions: 514, types: 1);
        expected["lm_head.bias"] = "[50265]";
        expected["lm_head.dense.weight"] = "[768, 768]";
        expected["lm_head.dense.bias"] = "[768]";
        expected["lm_head.layer_norm.weight"] = "[768]";
        expected["lm_head.layer_norm.bias"] = "[768]";

        Assert.Equal(expected, Table("RobertaForMaskedLM", Roberta));
    }

    [Theory]
    [InlineData("ElectraForPreTraining", "small", 13_549_057)]
    [InlineData("ElectraForPreTraining", "base", 109_483_009)]
    [InlineData("ElectraForPreTraining", "large", 335_142_913)]
    [InlineData("ElectraForMaskedLM", "small generator", 4_620_026)]
    [InlineData("ElectraForMaskedLM", "small", 13_546_682)]
    [InlineData("BertForPreTraining", "bert", 110_106_428)]
    [InlineData("RobertaForMaskedLM", "roberta", 124_697_433)]
    public void Each_size_has_its_published_number_of_weights(string architecture, string size, long expected)
    {
        var config = size switch { "small" => Small, "small generator" => SmallGenerator, "base" => Base, "large" => Large, "bert" => Bert, _ => Roberta };
        using var network = Declare(architecture, config);
        Assert.Equal(expected, network.NumParameters);
    }

    [Theory]
    [InlineData("ElectraModel", "")]
    [InlineData("ElectraForSequenceClassification", "classifier.dense.bias classifier.dense.weight classifier.out_proj.bias classifier.out_proj.weight")]
    [InlineData("ElectraForTokenClassification", "classifier.bias classifier.weight")]
    [InlineData("ElectraForQuestionAnswering", "qa_outputs.bias qa_outputs.weight")]
    [InlineData("BertModel", "pooler.dense.bias pooler.dense.weight")]
    [InlineData("BertForMaskedLM", "cls.predictions.bias cls.predictions.transform.LayerNorm.bias cls.predictions.transform.LayerNorm.weight cls.predictions.transform.dense.bias cls.predictions.transform.dense.weight")]
    [InlineData("BertForSequenceClassification", "bert.pooler.dense.bias bert.pooler.dense.weight classifier.bias classifier.weight")]
    [InlineData("BertForTokenClassification", "classifier.bias classifier.weight")]
    [InlineData("BertForQuestionAnswering", "qa_outputs.bias qa_outputs.weight")]
    [InlineData("RobertaModel", "pooler.dense.bias pooler.dense.weight")]
    [InlineData("RobertaForSequenceClassification", "classifier.dense.bias classifier.dense.weight classifier.out_proj.bias classifier.out_proj.weight")]
    [InlineData("RobertaForTokenClassification", "classifier.bias classifier.weight")]
    [InlineData("RobertaForQuestionAnswering", "qa_outputs.bias qa_outputs.weight")]
    public void Every_other_head_adds_exactly_its_tensors_to_the_encoder(string architecture, string head)
    {
        var family = Architecture.Named(architecture).Family;
        var config = family switch { EncoderFamily.Electra => Small, EncoderFamily.Bert => Bert, _ => Roberta };
        var prefix = Architecture.Named(architecture).Head == HeadKind.None ? "" : $"{Architecture.PrefixOf(family)}.";
        var encoder = Encoder(prefix, config.VocabSize, config.EmbeddingSize, config.HiddenSize, config.IntermediateSize, 12, config.MaxPositionEmbeddings, config.TypeVocabSize);

        var added = Table(architecture, config).Keys.Except(encoder.Keys).Order(StringComparer.Ordinal);
        Assert.Equal(head, string.Join(' ', added));
        Assert.Empty(encoder.Keys.Except(Table(architecture, config).Keys));
    }

    /// <summary>Table 5.3 of the format's description: the tensors of an encoder.</summary>
    static SortedDictionary<string, string> Encoder(string prefix, int vocab, int embedding, int hidden, int feedForward, int layers, int positions, int types)
    {
        var table = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            [$"{prefix}embeddings.word_embeddings.weight"] = $"[{vocab}, {embedding}]",
            [$"{prefix}embeddings.position_embeddings.weight"] = $"[{positions}, {embedding}]",
            [$"{prefix}embeddings.token_type_embeddings.weight"] = $"[{types}, {embedding}]",
            [$"{prefix}embeddings.LayerNorm.weight"] = $"[{embedding}]",
            [$"{prefix}embeddings.LayerNorm.bias"] = $"[{embedding}]",
        };
        if (embedding != hidden)
        {
            table[$"{prefix}embeddings_project.weight"] = $"[{hidden}, {embedding}]";
            table[$"{prefix}embeddings_project.bias"] = $"[{hidden}]";
        }
        for (var i = 0; i < layers; i++)
        {
            var layer = $"{prefix}encoder.layer.{i}.";
            foreach (var square in (string[])["attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"])
            {
                table[$"{layer}{square}.weight"] = $"[{hidden}, {hidden}]";
                table[$"{layer}{square}.bias"] = $"[{hidden}]";
            }
            table[$"{layer}intermediate.dense.weight"] = $"[{feedForward}, {hidden}]";
            table[$"{layer}intermediate.dense.bias"] = $"[{feedForward}]";
            table[$"{layer}output.dense.weight"] = $"[{hidden}, {feedForward}]";
            table[$"{layer}output.dense.bias"] = $"[{hidden}]";
            foreach (var norm in (string[])["attention.output.LayerNorm", "output.LayerNorm"])
            {
                table[$"{layer}{norm}.weight"] = $"[{hidden}]";
                table[$"{layer}{norm}.bias"] = $"[{hidden}]";
            }
        }
        return table;
    }

    static SortedDictionary<string, string> Table(string architecture, EncoderConfig config)
    {
        using var network = Declare(architecture, config);
        return new(network.Parameters.ToDictionary(parameter => parameter.Name, parameter => $"[{string.Join(", ", parameter.Value.shape)}]"), StringComparer.Ordinal);
    }

    static PretrainedNetwork Declare(string architecture, EncoderConfig config) =>
        new(new NetworkConfig(Architecture.Named(architecture), config), device: new torch.Device(DeviceType.META));
}
