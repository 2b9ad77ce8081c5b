using Electra.Model;
using Electra.Training;

namespace Electra.Tests.Training;

[Collection("torch")]
public sealed class LayerwiseDecayTests
{
    static readonly EncoderConfig Encoder = new(VocabSize: 8, EmbeddingSize: 8, HiddenSize: 16, NumHiddenLayers: 2, NumAttentionHeads: 1, IntermediateSize: 16, MaxPositionEmbeddings: 8);

    /// <summary>Two layers, decay 0.5: every factor is a power of one half.</summary>
    static Dictionary<string, double> Factors(string architecture, bool asPublished)
    {
        var config = Architecture.Named(architecture) is { Family: EncoderFamily.Electra } electra
            ? new NetworkConfig(electra, Encoder)
            : new NetworkConfig(Architecture.Named(architecture), Encoder with { Family = EncoderFamily.Bert, EmbeddingSize = 16 });
        using var network = new PretrainedNetwork(config);
        var buffer = network.Flatten();
        return buffer.Slots.Zip(new LayerwiseDecay(0.5, asPublished).Factors(buffer, 2)).ToDictionary(pair => pair.First.Parameter.Name, pair => pair.Second);
    }

    [Theory]
    [InlineData("classifier.out_proj.weight", 1), InlineData("electra.encoder.layer.1.output.dense.bias", 0.5)]
    [InlineData("electra.encoder.layer.0.attention.self.query.weight", 0.25), InlineData("electra.embeddings_project.weight", 0.125)]
    [InlineData("electra.embeddings.word_embeddings.weight", 0.125)]
    public void Each_layer_has_one_power_more_than_the_one_above(string name, double factor) =>
        Assert.Equal(factor, Factors("ElectraForSequenceClassification", asPublished: false)[name]);

    [Theory]
    [InlineData("classifier.out_proj.weight", 1), InlineData("electra.encoder.layer.1.output.dense.bias", 0.25)]
    [InlineData("electra.encoder.layer.0.attention.self.query.weight", 0.125), InlineData("electra.embeddings.word_embeddings.weight", 0.0625)]
    public void As_published_the_top_layer_begins_with_the_square(string name, double factor) =>
        Assert.Equal(factor, Factors("ElectraForSequenceClassification", asPublished: true)[name]);

    [Theory]
    [InlineData(false, 1), InlineData(true, 0.5)]
    public void A_pooler_is_part_of_the_head_and_as_published_a_layer(bool asPublished, double factor) =>
        Assert.Equal(factor, Factors("BertForSequenceClassification", asPublished)["bert.pooler.dense.weight"]);
}
