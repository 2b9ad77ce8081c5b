using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Electra.Numerics.Kernels;
using Electra.Randomness;

namespace Electra.Tests.Numerics.Kernels;

/// <summary>Each vector kernel against its one-number twin.</summary>
public sealed unsafe class KernelTests
{
    const int Tokens = 3, Width = 80;

    static readonly float[] Bias = Numbers.Random(Width, 20), Weight = Numbers.Random(Width, 21), Shift = Numbers.Random(Width, 22);

    [Fact]
    public void AVX512_is_not_used_where_it_is_switched_off() =>
        Assert.False(Avx512F.IsSupported && Environment.GetEnvironmentVariable(WithoutAvx512Tests.Switch) == "0");

    [Fact]
    public void The_exponential_is_right_to_float32()
    {
        for (var x = -125.9f; x < 127.9f; x += 0.0371f)
        {
            var expected = Math.Pow(2, x);
            Assert.Equal(expected, Lanes.Exp2(Vector512.Create(x))[0], 2e-7 * expected);
        }
        Assert.Equal(0, Lanes.Exp2(Vector512.Create(float.NegativeInfinity))[0]);
        Assert.Equal(0, Lanes.Exp2(Vector512.Create(-1e30f))[3]);
        Assert.Equal(1, Lanes.Exp2(Vector512<float>.Zero)[15]);
        Assert.True(float.IsNaN(Lanes.Exp2(Vector512.Create(float.NaN))[7]));
    }

    [Fact]
    public void The_normal_distribution_is_right_to_3e7()
    {
        Assert.Equal(0.8413447f, ScalarMath.NormalCdf(1), 2e-7f);
        Assert.Equal(0.0227501f, ScalarMath.NormalCdf(-2), 2e-7f);
        for (var x = -9f; x < 9; x += 0.0173f)
            Assert.Equal(ScalarMath.NormalCdf(x), Lanes.NormalCdf(Vector512.Create(x))[0], 3e-7f);
    }

    [Fact]
    public void The_largest_lane_is_found_in_every_place()
    {
        for (var place = 0; place < Lanes.Count; place++) Assert.Equal(5, Lanes.Max(Vector512.Create(-1f).WithElement(place, 5)));
    }

    [Fact]
    public void Gelu_equals_its_twin()
    {
        var row = Numbers.Random(Width, 1);
        var (vectors, twins) = (new float[2 * Width], new float[2 * Width]);
        fixed (float* bias = Bias, x = row, vector = vectors, twin = twins)
        {
            Gelu<Float32>.ApplyVector(x, bias, (Float32*)vector, (Float32*)vector + Width, Width);
            Gelu<Float32>.ApplyScalar(x, bias, (Float32*)twin, (Float32*)twin + Width, Width);
        }
        Numbers.AssertClose(twins, vectors, 1e-6f);
        Assert.Equal(row[5] + Bias[5], vectors[5]);
    }

    [Fact]
    public void The_gradient_of_gelu_equals_its_twin_and_the_difference_quotient()
    {
        var (input, gradient) = (Numbers.Random(Width, 1), Numbers.Random(Width, 2));
        var (vectors, twins) = (new float[3 * Width], new float[3 * Width]);
        fixed (float* x = input, g = gradient, vector = vectors, twin = twins)
        {
            GeluBackward<Float32>.ApplyVector(g, (Float32*)x, (Float32*)vector, (Float32*)vector + Width, vector + 2 * Width, Width);
            GeluBackward<Float32>.ApplyScalar(g, (Float32*)x, (Float32*)twin, (Float32*)twin + Width, twin + 2 * Width, Width);
        }
        Numbers.AssertClose(twins, vectors, 1e-6f);

        static double Gelu(double value) => value * ScalarMath.NormalCdf((float)value);
        var quotient = (Gelu(input[0] + 0.01) - Gelu(input[0] - 0.01)) / 0.02;
        Assert.Equal(quotient, vectors[Width] / gradient[0], 1e-3);
    }

    [Fact]
    public void Normalisation_equals_its_twin()
    {
        var (rows, twins) = (Numbers.Random(2 * Width, 1), Numbers.Random(2 * Width, 1));
        fixed (float* weight = Weight, shift = Shift, row = rows, twin = twins)
        {
            var inverse = LayerNorm.ForwardVector(row, weight, shift, (Float32*)row + Width, Width, 1e-12f);
            Assert.Equal(LayerNorm.ForwardScalar(twin, weight, shift, (Float32*)twin + Width, Width, 1e-12f), inverse, 1e-5f);
        }
        Numbers.AssertClose(twins, rows, 1e-5f);
        Assert.Equal(0, rows[Width..].Average(), 1e-5f);
    }

    [Fact]
    public void The_gradient_of_normalisation_equals_its_twin()
    {
        var normalized = Numbers.Random(Width, 1);
        var (gradients, twins) = (Numbers.Random(3 * Width, 2), Numbers.Random(3 * Width, 2));
        fixed (float* unit = normalized, weight = Weight, g = gradients, twin = twins)
        {
            LayerNorm.BackwardVector(g, (Float32*)unit, 1.7f, weight, g + Width, g + 2 * Width, Width);
            LayerNorm.BackwardScalar(twin, (Float32*)unit, 1.7f, weight, twin + Width, twin + 2 * Width, Width);
        }
        Numbers.AssertClose(twins, gradients, 1e-6f);
    }

    [Fact]
    public void Residual_and_dropout_equal_their_twins_forward_and_backward()
    {
        var (product, twinProduct, residual) = (Numbers.Random(Tokens * Width, 1), Numbers.Random(Tokens * Width, 1), Numbers.Random(Tokens * Width, 2));
        var (gradient, biasGradient, twinBiasGradient) = (Numbers.Random(Tokens * Width, 3), new float[Width], new float[Width]);
        var (back, twinBack) = (new float[2 * Tokens * Width], new float[2 * Tokens * Width]);
        uint[] keys = [7, 7, 9];
        int[] indices = [0, 1, 0];
        fixed (float* bias = Bias, rows = product, twins = twinProduct, rest = residual, g = gradient, b = biasGradient, twinB = twinBiasGradient, d = back, twinD = twinBack)
        fixed (uint* key = keys)
        fixed (int* index = indices)
        {
            var dropout = new RowDropout(key, index, DropoutMask.HiddenThreshold(0.3), Width);
            var forward = new ResidualNorm<Float32> { Bias = bias, Residual = (Float32*)rest, Width = Width, Dropout = dropout };
            var backward = new ResidualNormBackward<Float32>
            {
                Gradient = (Float32*)d, ProductGradient = (Float32*)d + Tokens * Width, BiasGradient = b, Width = Width, Dropout = dropout,
            };
            var twinBackward = new ResidualNormBackward<Float32>
            {
                Gradient = (Float32*)twinD, ProductGradient = (Float32*)twinD + Tokens * Width, BiasGradient = twinB, Width = Width, Dropout = dropout,
            };
            for (var token = 0; token < Tokens; token++)
            {
                forward.AddVector(rows + token * Width, token);
                forward.AddScalar(twins + token * Width, token);
                backward.DropVector(g + token * Width, token);
                twinBackward.DropScalar(g + token * Width, token);
            }
        }
        Numbers.AssertClose(twinProduct, product, 1e-6f);
        Assert.Equal(twinBack, back);
        Numbers.AssertClose(twinBiasGradient, biasGradient, 1e-6f);
        Assert.Equal(gradient, back[..(Tokens * Width)]);
        Assert.InRange(back.Count(value => value == 0), 45, 100);    // 30 % of 240
    }

    [Theory]
    [InlineData(10, 1, 1)]
    [InlineData(10, 3, 1)]
    [InlineData(1000, 2, 16)]
    [InlineData(3, 5, 1)]
    public void The_parts_of_a_share_cover_it_once(int count, int workers, int step)
    {
        var share = new Share(4, 4 + count);
        var parts = Enumerable.Range(0, workers).Select(worker => share.Part(worker, workers, step)).ToArray();

        Assert.Equal(Enumerable.Range(4, count), parts.SelectMany(part => Enumerable.Range(part.First, part.Count)));
        Assert.All(parts.Where(part => part.Count > 0), part => Assert.Equal(0, (part.First - 4) % step));
    }

    [Fact]
    public void A_team_runs_every_worker_once_and_passes_on_a_failure()
    {
        using var team = new WorkerTeam(3);
        var calls = new int[3];
        team.Run(worker => calls[worker]++);

        Assert.Equal([1, 1, 1], calls);
        Assert.Throws<InvalidOperationException>(() => team.Run(worker =>
        {
            if (worker == 2) throw new InvalidOperationException();
        }));
        team.Run(worker => calls[worker]++);
        Assert.Equal([2, 2, 2], calls);
    }

    [Fact]
    public void Rows_are_divided_by_tokens()
    {
        var rows = new TokenRows(new int[100], new int[100], new int[100], [0, 60, 70, 80, 90, 100], [0, 1, 2, 3, 4]);

        Assert.Equal([0, 1, 5], rows.Divide(2));
        Assert.Equal([0, 5], rows.Divide(1));
    }
}
