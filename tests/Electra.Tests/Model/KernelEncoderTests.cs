using Electra.Model;
using Electra.Numerics;
using static TorchSharp.torch;

namespace Electra.Tests.Model;

/// <summary>An encoder by kernels beside the same encoder by torch operations.</summary>
[Collection(TorchCollection.Name)]
public sealed class KernelEncoderTests
{
    static readonly int[][] Rows = [[2, 5, 6, 7, 8, 3], [2, 9, 10, 3]];

    static readonly EncoderConfig Small = new(
        VocabSize: 20, EmbeddingSize: 32, HiddenSize: 64, NumHiddenLayers: 2, NumAttentionHeads: 4, IntermediateSize: 128, MaxPositionEmbeddings: 16, InitializerRange: 0.2);

    [Theory]
    [InlineData("ElectraModel"), InlineData("BertModel"), InlineData("RobertaModel")]
    public void Bfloat16_kernels_serve_every_family(string name)
    {
        Assert.SkipUnless(BFloat16Product.IsAvailable, "This processor does not multiply bfloat16.");
        using var plain = Create(name, Precision.Float32);
        using var kernels = Create(name, Precision.BFloat16);

        Assert.True(kernels.UseKernels(2));
        var (expected, actual) = (Hidden(plain), Hidden(kernels));

        Assert.NotEqual(expected, actual);
        Assert.InRange(expected.Zip(actual, (a, b) => MathF.Abs(a - b)).Max(), 0, 2e-2f * expected.Max(MathF.Abs));
    }

    [Theory]
    [InlineData(Precision.Float32), InlineData(Precision.BFloat16)]
    public void The_gradient_of_a_torch_head_comes_down_through_the_kernels(Precision precision)
    {
        Assert.SkipUnless(precision == Precision.Float32 || BFloat16Product.IsAvailable, "This processor does not multiply bfloat16.");
        using var plain = Create("ElectraModel", Precision.Float32);
        using var kernels = Create("ElectraModel", precision);
        kernels.UseKernels(2);

        var (expected, actual) = (Gradients(plain), Gradients(kernels));

        var allowed = (precision == Precision.Float32 ? 1e-4f : 2e-2f) * expected.Max(MathF.Abs);
        Assert.InRange(expected.Zip(actual, (a, b) => MathF.Abs(a - b)).Max(), 0, allowed);
    }

    [Theory]
    [InlineData(Precision.Float32), InlineData(Precision.BFloat16)]
    public void Weights_changed_between_passes_are_seen(Precision precision)
    {
        Assert.SkipUnless(precision == Precision.Float32 || BFloat16Product.IsAvailable, "This processor does not multiply bfloat16.");
        using var network = Create("ElectraModel", precision);
        network.UseKernels(1);
        var before = Hidden(network);

        network.Initialize(seed: 2);
        var changed = Hidden(network);
        network.Initialize(seed: 1);

        Assert.NotEqual(before, changed);
        Assert.Equal(before, Hidden(network));
    }

    [Fact]
    public void Where_one_of_two_encoders_is_not_served_both_stay_plain()
    {
        // A width of 12 leaves gaps between query, key and value.
        var odd = Small with { HiddenSize = 12, NumAttentionHeads = 1 };
        using var asked = new ElectraNetworks(Small, odd, Precision.Float32, CPU);
        using var plain = new ElectraNetworks(Small, odd, Precision.Float32, CPU);
        using var pair = new LanguageModelPair(Small, odd, GeneratorSharing.Embeddings, copies: false, Precision.Float32, CPU);
        foreach (var parameters in (ParameterBuffer[])[asked.Parameters, plain.Parameters, pair.Parameters]) parameters.Initialize(1, 0.2);

        Assert.False(asked.UseKernels(2));
        Assert.False(pair.UseKernels(2));

        // Kernels leave zeros on padding; plain operations leave what they compute.
        Assert.Equal(Everywhere(plain.Discriminator.Encoder), Everywhere(asked.Discriminator.Encoder));
        Assert.DoesNotContain(0, Everywhere(pair.Model.Encoder));
    }

    static PretrainedNetwork Create(string name, Precision precision)
    {
        var architecture = Architecture.Named(name);
        var config = Small with { Family = architecture.Family, EmbeddingSize = architecture.Family == EncoderFamily.Electra ? 32 : 64, PadTokenId = architecture.Family == EncoderFamily.Roberta ? 1 : 0 };
        var network = new PretrainedNetwork(new NetworkConfig(architecture, config), precision);
        network.Initialize(seed: 1);
        return network;
    }

    static float[] Everywhere(Encoder encoder)
    {
        using var noGradient = no_grad();
        using var hidden = encoder.Forward(TokenBatch.Pad(Rows, null, 0), dropout: null);
        return TensorMemory.ToFloats(hidden);
    }

    static float[] Hidden(PretrainedNetwork network)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var hidden = network.Encoder.Forward(Batch(network), dropout: null);
        return [.. TensorMemory.ToFloats(hidden[0]), .. TensorMemory.ToFloats(hidden[1].narrow(0, 0, Rows[1].Length))];
    }

    static float[] Gradients(PretrainedNetwork network)
    {
        using var gradient = enable_grad();
        using var scope = NewDisposeScope();
        var buffer = network.Flatten();
        buffer.ClearGradients();
        var hidden = network.Encoder.Forward(Batch(network), new Dropout(Seed: 1, Step: 0, Places: [0, 1]));
        (hidden.select(1, 0) * arange(64, ScalarType.Float32)).sum().backward();
        return TensorMemory.ToFloats(buffer.Gradients);
    }

    static TokenBatch Batch(PretrainedNetwork network) => TokenBatch.Pad(Rows, null, network.Config.Encoder.PadTokenId);
}
