using Electra.Numerics;
using Electra.Numerics.Kernels;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Electra.Tests.Numerics.Kernels;

public sealed unsafe class ReplacedTokenKernelTests
{
    internal static ReplacedTokenHeadShape Shape(int h) => new(h, 0, h * h, h * h + h, h * h + 2 * h);

    [Theory]
    [InlineData(64, 300, 1)]
    [InlineData(64, 300, 2)]
    [InlineData(37, 300, 2)]
    [InlineData(16, 2100, 2)]    // two blocks of tokens
    public void Logits_loss_and_gradients_equal_those_of_autograd(int h, int tokens, int workers)
    {
        using var scope = NewDisposeScope();
        var shape = Shape(h);
        var (parameters, hidden) = (Numbers.Random((int)shape.OutputBias + 1, 1), Numbers.Random(tokens * h, 2));
        var isReplaced = Numbers.Random(tokens, 3).Select(value => value > 0.3f).ToArray();
        using var grad = enable_grad();
        var flat = tensor(parameters).requires_grad_();
        var states = tensor(hidden, [tokens, h]).requires_grad_();
        var inner = F.gelu(F.linear(states, flat.narrow(0, 0, h * h).reshape(h, h), flat.narrow(0, shape.DenseBias, h)));
        var expectedLogits = F.linear(inner, flat.narrow(0, shape.OutputWeight, h).reshape(1, h), flat.narrow(0, shape.OutputBias, 1)).squeeze(1);
        var targets = tensor(isReplaced).to(float32);
        var loss = F.binary_cross_entropy_with_logits(expectedLogits, targets, reduction: TorchSharp.torch.nn.Reduction.Sum);
        (loss * Scale(tokens)).backward();

        var (lossSum, logits, hiddenGradient, gradients) = Run(shape, workers, parameters, hidden, isReplaced);

        Numbers.AssertClose(expectedLogits.detach().data<float>().ToArray(), logits, 1e-5f);
        Assert.Equal(loss.item<float>(), lossSum, 1e-5 * loss.item<float>());
        var (expectedHidden, expectedGradients) = (states.grad!.data<float>().ToArray(), flat.grad!.data<float>().ToArray());
        Numbers.AssertClose(expectedHidden, hiddenGradient, 1e-5f * expectedHidden.Max(MathF.Abs));
        Numbers.AssertClose(expectedGradients, gradients, 1e-5f * expectedGradients.Max(MathF.Abs));
    }

    [Fact]
    public void The_matrix_is_packed_again_for_another_version_and_for_the_first_gradient()
    {
        var shape = Shape(16);
        var (first, second, hidden) = (Numbers.Random((int)shape.OutputBias + 1, 1), Numbers.Random((int)shape.OutputBias + 1, 5), Numbers.Random(5 * 16, 2));
        bool[] isReplaced = [true, false, false, true, false];
        using var team = new WorkerTeam(2);
        using var head = new ReplacedTokenKernel(shape, team);
        using var other = new ReplacedTokenKernel(shape, team);

        Assert.Equal(Run(other, first, null), Run(head, first, 1));
        Assert.Equal(Run(other, second, null), Run(head, second, 2));
        Assert.Equal(Gradient(other, second, null), Gradient(head, second, 2));
        var packed = Run(head, second, 2);
        second.AsSpan(0, 16 * 16).Clear();
        Assert.Equal(packed, Run(head, second, 2));
        Assert.Equal(Run(other, second, null), Run(head, second, 3));

        float[] Run(ReplacedTokenKernel by, float[] parameters, ulong? version)
        {
            var logits = new float[5];
            fixed (float* parameter = parameters, state = hidden) by.Run(parameter, state, [], 1, logits, null, null, version);
            return logits;
        }

        float[] Gradient(ReplacedTokenKernel by, float[] parameters, ulong? version)
        {
            var hiddenGradient = new float[hidden.Length];
            fixed (float* parameter = parameters, state = hidden, stateGradient = hiddenGradient, gradient = new float[parameters.Length])
                by.Run(parameter, state, isReplaced, 1, new float[5], stateGradient, gradient, version);
            return hiddenGradient;
        }
    }

    [Fact]
    public void Without_labels_there_are_logits_alone()
    {
        var shape = Shape(16);
        var (parameters, hidden) = (Numbers.Random((int)shape.OutputBias + 1, 1), Numbers.Random(5 * 16, 2));
        using var team = new WorkerTeam(2);
        using var head = new ReplacedTokenKernel(shape, team);
        var (logits, labelled) = (new float[5], new float[5]);

        fixed (float* parameter = parameters, state = hidden)
        {
            Assert.Equal(0, head.Run(parameter, state, [], 1, logits, null, null));
            head.Run(parameter, state, new bool[5], 1, labelled, null, null);
        }

        Assert.Equal(labelled, logits);
        Assert.DoesNotContain(0, logits);
    }

    internal static (double LossSum, float[] Logits, float[] HiddenGradient, float[] Gradients) Run(
        ReplacedTokenHeadShape shape, int workers, float[] parameters, float[] hidden, bool[] isReplaced, Precision precision = Precision.Float32)
    {
        using var team = new WorkerTeam(workers);
        using var head = new ReplacedTokenKernel(shape, team, precision);
        var (logits, hiddenGradient, gradients) = (new float[isReplaced.Length], new float[hidden.Length], new float[parameters.Length]);
        fixed (float* parameter = parameters, state = hidden, stateGradient = hiddenGradient, gradient = gradients)
            return (head.Run(parameter, state, isReplaced, Scale(isReplaced.Length), logits, stateGradient, gradient), logits, hiddenGradient, gradients);
    }

    // The objective's weight over the number of tokens.
    static float Scale(int tokens) => 50f / tokens;
}
