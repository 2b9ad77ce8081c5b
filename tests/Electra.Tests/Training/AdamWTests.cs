using Electra.Model;
using Electra.Numerics;
using Electra.Training;
using static TorchSharp.torch;

namespace Electra.Tests.Training;

[Collection("torch")]
public sealed class AdamWTests
{
    static (ParameterBuffer Buffer, Tensor Weight, Tensor Bias) Parameters()
    {
        var scope = new ParameterScope();
        var weight = scope.Declare("dense.weight", Initializer.Zeros, 1, 1);
        var bias = scope.Declare("dense.bias", Initializer.Zeros, 1);
        var buffer = new ParameterBuffer([scope.Parameters], CPU);
        using var noGradient = no_grad();
        weight.fill_(1);
        bias.fill_(1);
        weight.grad!.fill_(0.5);
        bias.grad!.fill_(0.5);
        return (buffer, weight, bias);
    }

    [Fact]
    public void One_step_is_the_formula_without_bias_correction_and_spares_biases_the_decay()
    {
        var (buffer, weight, bias) = Parameters();
        using (buffer)
        {
            using var optimizer = new AdamW(new AdamWConfig(MaxGradientNorm: 0), buffer);
            optimizer.Step(learningRate: 0.1, optimizer.GradientNorm(), numUpdates: 1);

            // m = 0.1 x 0.5, v = 0.001 x 0.25; update = 0.05 / (0.0158114 + 1e-6) = 3.16208; decay 0.1 x 0.01 of the weight alone.
            Assert.Equal(1 - 0.001 - 0.316208, weight.item<float>(), 5);
            Assert.Equal(1 - 0.316208, bias.item<float>(), 5);
        }
    }

    [Fact]
    public void Bias_correction_makes_the_first_step_as_long_as_the_rate()
    {
        var (buffer, _, bias) = Parameters();
        using (buffer)
        {
            using var optimizer = new AdamW(new AdamWConfig(CorrectsBias: true, MaxGradientNorm: 0), buffer);
            optimizer.Step(0.1, optimizer.GradientNorm(), 1);

            Assert.Equal(0.9, bias.item<float>(), 5);
        }
    }

    [Fact]
    public void Gradients_above_the_largest_norm_are_scaled_to_it()
    {
        var (buffer, _, _) = Parameters();
        using (buffer)
        {
            using var optimizer = new AdamW(new AdamWConfig(MaxGradientNorm: 0.1), buffer);
            var norm = optimizer.GradientNorm();
            optimizer.Step(0.1, norm, 1);

            Assert.Equal(Math.Sqrt(0.5), norm, 6);
            // Each gradient becomes 0.5 x 0.1 / 0.7071 = 0.0707107, and its mean a tenth of that.
            Assert.Equal(0.00707107, TensorMemory.ToFloats(optimizer.FirstMoment)[0], 6);
        }
    }

    [Fact]
    public void Gradients_are_zero_after_a_step()
    {
        var (buffer, _, _) = Parameters();
        using (buffer)
        {
            using var optimizer = new AdamW(new AdamWConfig(), buffer);
            optimizer.Step(0.1, optimizer.GradientNorm(), 1);

            Assert.All(TensorMemory.ToFloats(buffer.Gradients), gradient => Assert.Equal(0, gradient));
        }
    }

    [Fact]
    public void A_parameter_with_a_factor_moves_and_decays_at_its_own_rate()
    {
        var (buffer, weight, bias) = Parameters();
        using (buffer)
        {
            using var optimizer = new AdamW(new AdamWConfig(MaxGradientNorm: 0), buffer, [0.5, 0.25]);
            optimizer.Step(0.1, optimizer.GradientNorm(), 1);

            // The step of the first test, 0.316208, and its decay, 0.001: halved for the weight, a quarter of the step for the bias.
            Assert.Equal(1 - 0.0005 - 0.158104, weight.item<float>(), 5);
            Assert.Equal(1 - 0.079052, bias.item<float>(), 5);
        }
    }

    [Theory]
    [InlineData(true), InlineData(false)]
    public void The_kernels_follow_torch_operations_over_three_steps(bool correctsBias)
    {
        using var kernels = RandomBuffer();
        using var torch = RandomBuffer();
        var config = new AdamWConfig(CorrectsBias: correctsBias, MaxGradientNorm: 0.5);
        using var optimizer = new AdamW(config, kernels);
        using var twin = new AdamW(config, torch);
        using var noGradient = no_grad();
        for (var step = 1; step <= 3; step++)
        {
            foreach (var buffer in new[] { kernels, torch })
            {
                using var generator = new TorchSharp.torch.Generator((ulong)step);
                using var gradients = randn(buffer.Gradients.shape, generator: generator);
                buffer.Gradients.copy_(gradients);
            }
            var norm = optimizer.GradientNorm();
            Assert.Equal(torch.Gradients.norm().item<float>(), norm, 1e-4);
            optimizer.Step(1e-2, norm, step);
            twin.StepByTorch(1e-2, 0.5 / norm, step);
        }

        var (expected, actual) = (TensorMemory.ToFloats(torch.Values), TensorMemory.ToFloats(kernels.Values));
        Assert.InRange(expected.Zip(actual, (a, b) => MathF.Abs(a - b)).Max(), 0, 1e-6f);
        Assert.Equal(3, kernels.Version);
    }

    static ParameterBuffer RandomBuffer()
    {
        var scope = new ParameterScope();
        using var generator = new TorchSharp.torch.Generator(9);
        using var noGradient = no_grad();
        foreach (var (name, size) in new[] { ("dense.weight", 150), ("dense.bias", 37) })
        {
            using var values = randn([size], generator: generator);
            scope.Declare(name, Initializer.Zeros, size).copy_(values);
        }
        return new ParameterBuffer([scope.Parameters], CPU);
    }
}
