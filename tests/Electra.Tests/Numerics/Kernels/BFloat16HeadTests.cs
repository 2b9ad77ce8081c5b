using Electra.Numerics;
using Electra.Numerics.Kernels;

namespace Electra.Tests.Numerics.Kernels;

/// <summary>The heads in bfloat16 beside the heads in float32.</summary>
public sealed class BFloat16HeadTests
{
    const string NeedsProducts = "This processor does not multiply bfloat16.";

    // As in the encoder: bfloat16 has eight digits, and a head rounds about five times.
    const float Tolerance = 2e-2f;
    const double Cosine = 0.999;

    /// <summary>Hidden and embedding size, vocabulary, positions, workers; sampling by a temperature, or none.</summary>
    [Theory]
    [InlineData(8, 64, 1111, 37, 1, null)]
    [InlineData(8, 64, 1111, 391, 2, 1.05f)]
    [InlineData(24, 32, 501, 1, 2, null)]
    [InlineData(24, 96, 501, 65, 2, null)]
    [InlineData(64, 128, 777, 129, 1, 1f)]
    [InlineData(64, 32, 37, 801, 2, null)]
    public void The_masked_token_head_comes_close_to_that_in_float32(int hiddenSize, int embeddingSize, int vocabulary, int count, int workers, float? temperature)
    {
        Assert.SkipUnless(BFloat16Product.IsAvailable, NeedsProducts);
        var shape = MaskedTokenHeadTests.Shape(hiddenSize, embeddingSize, vocabulary);
        var parameters = Numbers.Random(MaskedTokenHeadTests.Length(shape), 1);
        var hidden = Numbers.Random(MaskedTokenHeadTests.Tokens * hiddenSize, 2);
        var (positions, labels) = MaskedTokenHeadTests.Targets(vocabulary, count);
        var sampling = temperature is { } divisor ? new TokenSampling(Numbers.Random(count, 4).Select(value => value + 0.5f).ToArray(), divisor) : null;

        var expected = MaskedTokenHeadTests.Run(shape, workers, parameters, hidden, positions, labels, sampling);
        var actual = MaskedTokenHeadTests.Run(shape, workers, parameters, hidden, positions, labels, sampling, Precision.BFloat16);

        Assert.Equal(expected.Result.LossSum, actual.Result.LossSum, 5e-3 * expected.Result.LossSum);
        Assert.NotEqual(expected.Result.LossSum, actual.Result.LossSum);    // bfloat16 did serve
        AssertClose(expected.HiddenGradient, actual.HiddenGradient, [("hidden", 0, hidden.Length)]);
        AssertClose(expected.Gradients, actual.Gradients,
        [
            ("dense.weight", shape.DenseWeight, embeddingSize * hiddenSize), ("dense.bias", shape.DenseBias, embeddingSize),
            ("norm.weight", shape.NormWeight, embeddingSize), ("norm.bias", shape.NormBias, embeddingSize),
            ("words", shape.WordEmbeddings, vocabulary * embeddingSize), ("bias", shape.OutputBias, vocabulary),
        ]);
    }

    [Theory]
    [InlineData(32, 1, 2)]
    [InlineData(64, 37, 1)]
    [InlineData(64, 301, 2)]
    [InlineData(96, 2101, 2)]
    public void The_replaced_token_head_comes_close_to_that_in_float32(int hiddenSize, int tokens, int workers)
    {
        Assert.SkipUnless(BFloat16Product.IsAvailable, NeedsProducts);
        var shape = ReplacedTokenKernelTests.Shape(hiddenSize);
        var (parameters, hidden) = (Numbers.Random((int)shape.OutputBias + 1, 1), Numbers.Random(tokens * hiddenSize, 2));
        var isReplaced = Numbers.Random(tokens, 3).Select(value => value > 0.3f).ToArray();

        var expected = ReplacedTokenKernelTests.Run(shape, workers, parameters, hidden, isReplaced);
        var actual = ReplacedTokenKernelTests.Run(shape, workers, parameters, hidden, isReplaced, Precision.BFloat16);

        Numbers.AssertClose(expected.Logits, actual.Logits, Tolerance * expected.Logits.Max(MathF.Abs));
        Assert.Equal(expected.LossSum, actual.LossSum, 5e-3 * expected.LossSum);
        Assert.NotEqual(expected.LossSum, actual.LossSum);
        AssertClose(expected.HiddenGradient, actual.HiddenGradient, [("hidden", 0, hidden.Length)]);
        AssertClose(expected.Gradients, actual.Gradients,
        [
            ("dense.weight", shape.DenseWeight, hiddenSize * hiddenSize), ("dense.bias", shape.DenseBias, hiddenSize),
            ("output.weight", shape.OutputWeight, hiddenSize), ("output.bias", shape.OutputBias, 1),
        ]);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(24)]
    public void A_width_that_is_no_multiple_of_32_is_computed_in_float32(int width)
    {
        var (masked, replaced) = (MaskedTokenHeadTests.Shape(64, width, 501), ReplacedTokenKernelTests.Shape(width));
        var (parameters, hidden) = (Numbers.Random(MaskedTokenHeadTests.Length(masked), 1), Numbers.Random(MaskedTokenHeadTests.Tokens * 64, 2));
        var (positions, labels) = MaskedTokenHeadTests.Targets(501, 37);
        var (judged, isReplaced) = (Numbers.Random(37 * width, 2), new bool[37]);

        Assert.Equal(
            MaskedTokenHeadTests.Run(masked, 2, parameters, hidden, positions, labels, null).Gradients,
            MaskedTokenHeadTests.Run(masked, 2, parameters, hidden, positions, labels, null, Precision.BFloat16).Gradients);
        Assert.Equal(
            ReplacedTokenKernelTests.Run(replaced, 2, parameters[..((int)replaced.OutputBias + 1)], judged, isReplaced).Gradients,
            ReplacedTokenKernelTests.Run(replaced, 2, parameters[..((int)replaced.OutputBias + 1)], judged, isReplaced, Precision.BFloat16).Gradients);
    }

    static void AssertClose(float[] expected, float[] actual, (string Name, long Start, int Count)[] parts)
    {
        Numbers.AssertClose(expected, actual, Tolerance * expected.Max(MathF.Abs));
        foreach (var (name, start, count) in parts)
            Numbers.AssertSameDirection(expected.AsSpan((int)start, count), actual.AsSpan((int)start, count), Cosine, name);
    }
}
