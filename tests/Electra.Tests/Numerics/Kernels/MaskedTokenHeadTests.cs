using Electra.Numerics;
using Electra.Numerics.Kernels;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Electra.Tests.Numerics.Kernels;

public sealed unsafe class MaskedTokenHeadTests
{
    internal const int Tokens = 1000;
    const float Scale = 1 / 60f;

    // Hidden, embedding, vocabulary, epsilon; then the parameters one after the other.
    internal static MaskedTokenHeadShape Shape(int h, int e, int v) => new(h, e, v, 1e-12f, 0, e * h, e * h + e, e * h + 2 * e, e * h + 3 * e, e * h + 3 * e + v * e);

    internal static int Length(MaskedTokenHeadShape shape) => (int)shape.OutputBias + shape.VocabularySize;

    [Theory]
    [InlineData(16, 24, 500, 60, 1)]
    [InlineData(16, 24, 500, 60, 2)]
    [InlineData(64, 128, 1111, 250, 2)]
    [InlineData(21, 13, 37, 5, 3)]
    [InlineData(16, 24, 500, 800, 2)]          // three blocks of positions
    [InlineData(16, 24, 500, 60, 2, 0.5f)]     // two exponentials of each logit: one of the loss, one of the draw
    [InlineData(21, 13, 37, 391, 3, 2f)]
    public void Loss_and_gradients_equal_those_of_autograd(int hiddenSize, int embeddingSize, int vocabulary, int count, int workers, float? temperature = null)
    {
        using var scope = NewDisposeScope();
        var shape = Shape(hiddenSize, embeddingSize, vocabulary);
        var (parameters, hidden) = (Numbers.Random(Length(shape), 1), Numbers.Random(Tokens * hiddenSize, 2));
        var (positions, labels) = Targets(vocabulary, count);
        var sampling = temperature is { } divisor ? new TokenSampling(Numbers.Random(count, 4).Select(value => value + 0.5f).ToArray(), divisor) : null;
        using var grad = enable_grad();
        var flat = tensor(parameters).requires_grad_();
        var states = tensor(hidden, [Tokens, hiddenSize]).requires_grad_();
        var logits = Logits(shape, flat, states.index_select(0, tensor(positions, int64)));
        var loss = F.cross_entropy(logits, tensor(labels, int64), reduction: TorchSharp.torch.nn.Reduction.Sum);
        (loss * Scale).backward();

        var (result, hiddenGradient, gradients) = Run(shape, workers, parameters, hidden, positions, labels, sampling);

        Assert.Equal(loss.item<float>(), result.LossSum, 1e-5 * loss.item<float>());
        Assert.Equal((logits.argmax(1) == tensor(labels, int64)).sum().item<long>(), result.NumCorrect);
        Assert.Equal(sampling is null ? 0 : count, result.Samples.Length);
        var (expectedHidden, expectedGradients) = (states.grad!.data<float>().ToArray(), flat.grad!.data<float>().ToArray());
        Numbers.AssertClose(expectedHidden, hiddenGradient, 1e-5f * expectedHidden.Max(MathF.Abs));
        Numbers.AssertClose(expectedGradients, gradients, 1e-5f * expectedGradients.Max(MathF.Abs));
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(0.5f, false)]
    [InlineData(1, true)]
    [InlineData(2, true)]
    public void A_draw_is_where_the_running_sum_of_the_probabilities_passes_the_uniform(float temperature, bool excludesLabel)
    {
        using var scope = NewDisposeScope();
        var shape = Shape(16, 24, 500);
        var (parameters, hidden) = (Numbers.Random(Length(shape), 1), Numbers.Random(Tokens * 16, 2));
        var (positions, labels) = Targets(500, 200);
        float[] uniforms = [0, 0.9999999f, .. Numbers.Random(198, 4).Select(value => value + 0.5f)];
        var logits = Logits(shape, tensor(parameters), tensor(hidden, [Tokens, 16]).index_select(0, tensor(positions, int64))).to(float64) / temperature;
        if (excludesLabel) logits.masked_fill_(F.one_hot(tensor(labels, int64), 500).to(@bool), double.NegativeInfinity);
        var sums = logits.softmax(1).cumsum(1);

        var samples = Run(shape, 2, parameters, hidden, positions, labels, new TokenSampling(uniforms, temperature, excludesLabel)).Result.Samples;

        for (var m = 0; m < positions.Length; m++)
        {
            var above = sums[m, samples[m]].item<double>();
            var below = samples[m] == 0 ? 0 : sums[m, samples[m] - 1].item<double>();
            Assert.InRange(uniforms[m], below - 1e-6, above + 1e-6);    // float32 probabilities
            Assert.True(!excludesLabel || samples[m] != labels[m]);
        }
    }

    [Fact]
    public void A_label_that_is_nearly_certain_can_still_be_excluded()
    {
        var shape = Shape(16, 24, 500);
        var (parameters, hidden) = (Numbers.Random(Length(shape), 1), Numbers.Random(Tokens * 16, 2));
        parameters[shape.OutputBias + 123] = 1000;
        var (positions, _) = Targets(500, 50);
        var labels = Enumerable.Repeat(123, 50).ToArray();
        var uniforms = Numbers.Random(50, 4).Select(value => value + 0.5f).ToArray();

        var result = Run(shape, 1, parameters, hidden, positions, labels, new TokenSampling(uniforms, ExcludesLabel: true)).Result;

        Assert.DoesNotContain(123, result.Samples);
        Assert.True(result.Samples.Distinct().Count() > 20);
        Assert.Equal(50, result.NumCorrect);
    }

    [Fact]
    public void Without_gradients_the_loss_is_the_same()
    {
        var shape = Shape(16, 24, 500);
        var (parameters, hidden) = (Numbers.Random(Length(shape), 1), Numbers.Random(Tokens * 16, 2));
        var (positions, labels) = Targets(500, 60);
        using var team = new WorkerTeam(2);
        using var head = new MaskedTokenHead(shape, team);
        var expected = Run(shape, 2, parameters, hidden, positions, labels, null).Result.LossSum;

        fixed (float* parameter = parameters, state = hidden)
            Assert.Equal(expected, head.Run(parameter, state, positions, labels, Scale, null, null, null).LossSum);
    }

    [Fact]
    public void Equal_input_gives_equal_bits_for_any_number_of_workers()
    {
        var shape = Shape(16, 24, 500);
        var (parameters, hidden) = (Numbers.Random(Length(shape), 1), Numbers.Random(Tokens * 16, 2));
        var (positions, labels) = Targets(500, 250);

        var one = Run(shape, 1, parameters, hidden, positions, labels, null);
        var two = Run(shape, 2, parameters, hidden, positions, labels, null);

        Assert.Equal(one.HiddenGradient, two.HiddenGradient);
        Assert.Equal(one.Gradients, two.Gradients);
    }

    [Fact]
    public void What_is_no_number_ends_with_its_batch()
    {
        Assert.SkipUnless(BFloat16Product.IsAvailable, "This processor does not multiply bfloat16.");
        var shape = Shape(8, 32, 500);
        var (parameters, hidden) = (Numbers.Random(Length(shape), 1), Numbers.Random(Tokens * 8, 2));
        var (positions, labels) = Targets(500, 21);
        using var team = new WorkerTeam(1);
        using var head = new MaskedTokenHead(shape, team, Precision.BFloat16);
        using var fresh = new MaskedTokenHead(shape, team, Precision.BFloat16);
        Run(head, parameters, [.. hidden.Select(_ => float.NaN)], [.. Enumerable.Range(0, 60)], new int[60]);

        var (expected, actual) = (Run(fresh, parameters, hidden, positions, labels), Run(head, parameters, hidden, positions, labels));

        Assert.True(double.IsFinite(actual.Result.LossSum));
        Assert.Equal(expected.Result.LossSum, actual.Result.LossSum);
        Assert.Equal(expected.HiddenGradient, actual.HiddenGradient);
        Assert.Equal(expected.Gradients, actual.Gradients);
    }

    [Fact]
    public void Matrices_are_packed_again_for_another_version_and_for_the_first_gradient()
    {
        var shape = Shape(16, 24, 500);
        var (first, second, hidden) = (Numbers.Random(Length(shape), 1), Numbers.Random(Length(shape), 5), Numbers.Random(Tokens * 16, 2));
        var (positions, labels) = Targets(500, 60);
        using var team = new WorkerTeam(2);
        using var head = new MaskedTokenHead(shape, team);
        var (expectedFirst, expectedSecond) = (Run(shape, 2, first, hidden, positions, labels, null), Run(shape, 2, second, hidden, positions, labels, null));

        Assert.Equal(expectedFirst.Result.LossSum, LossOf(first, version: 1));
        Assert.Equal(expectedSecond.Result.LossSum, LossOf(second, version: 2));
        Assert.Equal(expectedSecond.Gradients, Run(head, second, hidden, positions, labels, version: 2).Gradients);
        second.AsSpan((int)shape.WordEmbeddings, 500 * 24).Clear();
        Assert.Equal(expectedSecond.Result.LossSum, LossOf(second, version: 2));
        Assert.NotEqual(expectedSecond.Result.LossSum, LossOf(second, version: 3));

        double LossOf(float[] parameters, ulong? version)
        {
            fixed (float* parameter = parameters, state = hidden)
                return head.Run(parameter, state, positions, labels, Scale, null, null, null, version: version).LossSum;
        }
    }

    [Fact]
    public void A_label_outside_the_vocabulary_is_refused()
    {
        using var team = new WorkerTeam(1);
        using var head = new MaskedTokenHead(Shape(16, 24, 500), team);

        Assert.Throws<ArgumentException>(() => head.Run(null, null, [0], [500], Scale, null, null, null));
    }

    internal static (int[] Positions, int[] Labels) Targets(int vocabulary, int count)
    {
        var random = new Random(3);
        var positions = Enumerable.Range(0, Tokens).ToArray();
        random.Shuffle(positions);
        return (positions[..count], [.. Enumerable.Range(0, count).Select(_ => random.Next(vocabulary))]);
    }

    static Tensor Logits(MaskedTokenHeadShape shape, Tensor flat, Tensor states)
    {
        var (h, e, v) = (shape.HiddenSize, shape.EmbeddingSize, shape.VocabularySize);
        var inner = F.gelu(F.linear(states, flat.narrow(0, shape.DenseWeight, e * h).reshape(e, h), flat.narrow(0, shape.DenseBias, e)));
        var output = F.layer_norm(inner, [e], flat.narrow(0, shape.NormWeight, e), flat.narrow(0, shape.NormBias, e), shape.NormEpsilon);
        return F.linear(output, flat.narrow(0, shape.WordEmbeddings, v * e).reshape(v, e), flat.narrow(0, shape.OutputBias, v));
    }

    internal static (MaskedTokenResult Result, float[] HiddenGradient, float[] Gradients) Run(
        MaskedTokenHeadShape shape, int workers, float[] parameters, float[] hidden, int[] positions, int[] labels, TokenSampling? sampling,
        Precision precision = Precision.Float32)
    {
        using var team = new WorkerTeam(workers);
        using var head = new MaskedTokenHead(shape, team, precision);
        return Run(head, parameters, hidden, positions, labels, sampling);
    }

    static (MaskedTokenResult Result, float[] HiddenGradient, float[] Gradients) Run(
        MaskedTokenHead head, float[] parameters, float[] hidden, int[] positions, int[] labels, TokenSampling? sampling = null, ulong? version = null)
    {
        var (hiddenGradient, gradients) = (new float[hidden.Length], new float[parameters.Length]);
        fixed (float* parameter = parameters, state = hidden, stateGradient = hiddenGradient, gradient = gradients)
            return (head.Run(parameter, state, positions, labels, Scale, sampling, stateGradient, gradient, version: version), hiddenGradient, gradients);
    }
}
