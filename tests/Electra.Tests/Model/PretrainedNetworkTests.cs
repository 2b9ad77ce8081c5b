using Electra.Model;
using Electra.Numerics;
using static TorchSharp.torch;

namespace Electra.Tests.Model;

[Collection(TorchCollection.Name)]
public sealed class PretrainedNetworkTests
{
    static readonly int[][] Rows = [[2, 5, 6, 7, 8, 3], [2, 9, 10, 3]];

    static readonly EncoderConfig Tiny = new(VocabSize: 20, EmbeddingSize: 8, HiddenSize: 16, NumHiddenLayers: 2, NumAttentionHeads: 2, IntermediateSize: 24, MaxPositionEmbeddings: 12);

    public static TheoryData<string> Architectures() => [.. Architecture.All.Select(architecture => architecture.Name)];

    [Theory]
    [MemberData(nameof(Architectures))]
    public void A_row_gives_the_same_outputs_alone_as_beside_a_longer_one(string name)
    {
        using var scope = NewDisposeScope();
        using var network = Create(name);
        var together = network.Forward(TokenBatch.Pad(Rows, null, network.Config.Encoder.PadTokenId));
        var alone = network.Forward(TokenBatch.Pad([Rows[1]], null, network.Config.Encoder.PadTokenId));

        foreach (var (output, tensor) in alone)
        {
            var row = together[output][1];
            if (tensor.shape.Length > 1 && row.shape[0] == Rows[0].Length) row = row.narrow(0, 0, Rows[1].Length);
            var difference = (row - tensor[0]).abs().max().item<float>();
            Assert.True(difference < 1e-5, $"{output} differs by {difference}");   // float32, two layers
        }
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Dropout_changes_outputs_and_draws_the_same_for_the_same_step(string name)
    {
        using var scope = NewDisposeScope();
        using var network = Create(name);
        var batch = TokenBatch.Pad(Rows, null, network.Config.Encoder.PadTokenId);
        float[] Run(Dropout? dropout) => TensorMemory.ToFloats(network.Forward(batch, dropout).First().Value);

        var first = Run(new Dropout(Seed: 1, Step: 5, Places: [0, 1]));
        Assert.Equal(first, Run(new Dropout(Seed: 1, Step: 5, Places: [0, 1])));
        Assert.NotEqual(first, Run(new Dropout(Seed: 1, Step: 6, Places: [0, 1])));
        Assert.NotEqual(first, Run(null));
    }

    [Theory]
    [InlineData("ElectraForSequenceClassification")]
    [InlineData("BertForSequenceClassification")]
    [InlineData("RobertaForTokenClassification")]
    public void A_classification_head_drops_by_its_own_rate(string name)
    {
        using var scope = NewDisposeScope();
        var encoder = Tiny with { HiddenDropoutProb = 0, AttentionProbsDropoutProb = 0 };
        using var network = Create(name, config => config with { ClassifierDropout = 0.5 }, encoder);
        using var still = Create(name, config => config with { ClassifierDropout = 0 }, encoder);
        var batch = TokenBatch.Pad(Rows, null, network.Config.Encoder.PadTokenId);
        var dropout = new Dropout(Seed: 1, Step: 0, Places: [0, 1]);

        var plain = TensorMemory.ToFloats(network.Forward(batch)["logits"]);
        Assert.NotEqual(plain, TensorMemory.ToFloats(network.Forward(batch, dropout)["logits"]));
        Assert.Equal(plain, TensorMemory.ToFloats(still.Forward(batch, dropout)["logits"]));
    }

    [Fact]
    public void One_label_is_scored_by_squared_error()
    {
        using var scope = NewDisposeScope();
        using var network = Create("ElectraForSequenceClassification", config => config with { Labels = ["score"] });
        var batch = TokenBatch.Pad(Rows, null, 0);
        var outputs = network.Forward(batch);
        var logits = TensorMemory.ToFloats(outputs["logits"]);
        var labels = new Dictionary<string, Tensor> { ["labels"] = tensor((float[])[0.25f, 2f]) };

        var expected = (Math.Pow(logits[0] - 0.25, 2) + Math.Pow(logits[1] - 2, 2)) / 2;
        Assert.Equal(expected, network.Head.Loss(outputs, batch, labels).item<float>(), 1e-5);
    }

    [Fact]
    public void Several_labels_at_once_are_scored_by_binary_cross_entropy()
    {
        using var scope = NewDisposeScope();
        using var network = Create("BertForSequenceClassification", config => config with { Labels = ["a", "b", "c"], ProblemType = ProblemType.MultiLabelClassification });
        var batch = TokenBatch.Pad(Rows, null, 0);
        var outputs = network.Forward(batch);
        var logits = TensorMemory.ToFloats(outputs["logits"]);
        float[] wanted = [1, 0, 1, 0, 0, 1];
        var labels = new Dictionary<string, Tensor> { ["labels"] = tensor(wanted).view(2, 3) };

        var expected = logits.Zip(wanted, (logit, label) => label * Math.Log(1 + Math.Exp(-logit)) + (1 - label) * Math.Log(1 + Math.Exp(logit))).Average();
        Assert.Equal(expected, network.Head.Loss(outputs, batch, labels).item<float>(), 1e-5);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(-1)]
    public void A_label_out_of_range_is_refused_before_libtorch_sees_it(int label)
    {
        using var scope = NewDisposeScope();
        using var network = Create("ElectraForSequenceClassification");
        var batch = TokenBatch.Pad(Rows, null, 0);
        var labels = new Dictionary<string, Tensor> { ["labels"] = tensor((long[])[0, label]) };

        var outputs = network.Forward(batch);
        Assert.Contains($"'labels' holds {label}", Assert.Throws<InvalidDataException>(() => network.Head.Loss(outputs, batch, labels)).Message);
    }

    [Fact]
    public void Missing_and_mis_shaped_labels_are_named()
    {
        using var scope = NewDisposeScope();
        using var network = Create("BertForPreTraining");
        var batch = TokenBatch.Pad(Rows, null, 0);
        var outputs = network.Forward(batch);
        var labels = new Dictionary<string, Tensor> { ["labels"] = zeros([2, 6], ScalarType.Int64) };
        Assert.Contains("next_sentence_label", Assert.Throws<InvalidDataException>(() => network.Head.Loss(outputs, batch, labels)).Message);
        labels["next_sentence_label"] = zeros([3], ScalarType.Int64);
        Assert.Contains("[3]", Assert.Throws<InvalidDataException>(() => network.Head.Loss(outputs, batch, labels)).Message);
    }

    [Fact]
    public void An_unknown_architecture_is_refused_with_the_known_ones() =>
        Assert.Contains("ElectraForPreTraining", Assert.Throws<ArgumentException>(() => Architecture.Named("ElectraForMagic")).Message);

    static PretrainedNetwork Create(string name, Func<NetworkConfig, NetworkConfig>? adjust = null, EncoderConfig? encoder = null)
    {
        var architecture = Architecture.Named(name);
        var sizes = (encoder ?? Tiny) with { Family = architecture.Family };
        if (architecture.Family != EncoderFamily.Electra) sizes = sizes with { EmbeddingSize = sizes.HiddenSize };
        if (architecture.Family == EncoderFamily.Roberta) sizes = sizes with { PadTokenId = 1 };
        var config = new NetworkConfig(architecture, sizes);
        var network = new PretrainedNetwork(adjust?.Invoke(config) ?? config);
        network.Initialize(seed: 3);
        return network;
    }
}
