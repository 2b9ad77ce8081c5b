using Electra.Numerics.Kernels;
using static TorchSharp.torch;

namespace Electra.Tests.Numerics.Kernels;

public sealed unsafe class FlatAdamWTests
{
    const int Length = 70_003;    // more than one piece, and no multiple of eight

    [Fact]
    public void With_bias_correction_five_steps_equal_torch()
    {
        using var scope = NewDisposeScope();
        using var grad = enable_grad();
        var start = Numbers.Random(Length, 1);
        var parameter = new TorchSharp.Modules.Parameter(tensor(start));
        var optimizer = optim.AdamW([parameter], lr: 1e-2, beta1: 0.9, beta2: 0.99, eps: 1e-6, weight_decay: 0.1);
        for (var step = 1; step <= 5; step++)
        {
            parameter.grad = tensor(Numbers.Random(Length, 10 + step));
            optimizer.step();
        }

        var actual = Train(start, [new(0, Length, 1e-2f, 0.1f)], new AdamWSettings(0.9, 0.99, 1e-6, CorrectsBias: true), 5, 2);

        Numbers.AssertClose(parameter.detach().data<float>().ToArray(), actual, 2e-6f);
    }

    [Fact]
    public void Without_bias_correction_a_first_step_is_checked_by_eye()
    {
        // m = 0.1 x 0.5 = 0.05, v = 0.001 x 0.25, so m / sqrt v = 3.1623; 2 x (1 - 0.1 x 0.01) - 0.1 x 3.1623 = 1.6818.
        var (parameters, gradients, first, second) = (new[] { 2f }, new[] { 1f }, new float[1], new float[1]);
        using var team = new WorkerTeam(1);
        fixed (float* p = parameters, g = gradients, m = first, v = second)
            new FlatAdamW(team).Update(p, g, m, v, [new(0, 1, 0.1f, 0.01f)], new AdamWSettings(Epsilon: 0), gradientScale: 0.5f, step: 1);

        Assert.Equal(1.6818f, parameters[0], 1e-4f);
        Assert.Equal(0.05f, first[0], 1e-7f);
        Assert.Equal(0.00025f, second[0], 1e-9f);
        Assert.Equal(0, gradients[0]);
    }

    [Fact]
    public void Each_segment_has_its_own_rate_and_decay_and_what_lies_between_stays()
    {
        var start = Numbers.Random(30, 1);
        ParameterSegment[] both = [new(0, 9, 0.1f, 0.5f), new(12, 18, 0.01f, 0)];

        var actual = Train(start, both, new AdamWSettings(), 3, 2);

        Assert.Equal(Train(start, [both[0]], new AdamWSettings(), 3, 1)[..9], actual[..9]);
        Assert.Equal(start[9..12], actual[9..12]);
        Assert.Equal(Train(start, [both[1]], new AdamWSettings(), 3, 1)[12..], actual[12..]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_squared_norm_is_the_sum_of_squares_whatever_the_number_of_workers(int workers)
    {
        var gradients = Numbers.Random(200_000, 1);
        ParameterSegment[] segments = [new(3, 100_000, 0, 0), new(150_001, 40_005, 0, 0)];
        using var team = new WorkerTeam(workers);
        using var one = new WorkerTeam(1);

        fixed (float* gradient = gradients)
        {
            var norm = new FlatAdamW(team).SquaredNorm(gradient, segments);
            Assert.Equal(gradients[3..100_003].Concat(gradients[150_001..190_006]).Sum(value => (double)value * value), norm, 1e-2);    // of 11,667
            Assert.Equal(new FlatAdamW(one).SquaredNorm(gradient, segments), norm);
        }
    }

    static float[] Train(float[] start, ParameterSegment[] segments, AdamWSettings settings, int steps, int workers)
    {
        using var team = new WorkerTeam(workers);
        var (parameters, first, second) = (start.ToArray(), new float[start.Length], new float[start.Length]);
        for (var step = 1; step <= steps; step++)
        {
            fixed (float* p = parameters, g = Numbers.Random(start.Length, 10 + step), m = first, v = second)
                new FlatAdamW(team).Update(p, g, m, v, segments, settings, 1, step);
        }
        return parameters;
    }
}
