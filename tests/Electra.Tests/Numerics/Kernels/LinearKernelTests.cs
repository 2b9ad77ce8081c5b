using Electra.Numerics;
using Electra.Numerics.Kernels;

namespace Electra.Tests.Numerics.Kernels;

/// <summary>Weight gradients of more rows than a product takes at a time.</summary>
public sealed unsafe class LinearKernelTests
{
    const int Inputs = 32, Outputs = 40;

    [Theory]
    [InlineData(2100, false)]
    [InlineData(2100, true)]
    [InlineData(4200, false)]
    [InlineData(4200, true)]
    public void A_weight_gradient_in_float32_is_the_sum_over_all_rows(int rows, bool accumulates) => AssertSum<Float32>(rows, accumulates);

    [Theory]
    [InlineData(2100, false)]
    [InlineData(2100, true)]
    [InlineData(4200, false)]
    [InlineData(4200, true)]
    public void A_weight_gradient_in_bfloat16_is_the_sum_over_all_rows(int rows, bool accumulates)
    {
        Assert.SkipUnless(BFloat16Product.IsAvailable, "This processor does not multiply bfloat16.");
        AssertSum<BFloat16>(rows, accumulates);
    }

    static void AssertSum<T>(int rows, bool accumulates) where T : unmanaged, IElement<T>
    {
        using var left = Matrix<T>(rows * Outputs, 1);
        using var right = Matrix<T>(rows * Inputs, 2);
        using var linear = new LinearKernel<T>(Outputs, Inputs, rows);
        var actual = new float[Outputs * Inputs];
        Array.Fill(actual, 3);

        fixed (float* gradient = actual) linear.BackwardWeight((T*)left.Start, (T*)right.Start, gradient, rows, Inputs, Outputs, accumulates);

        // float32 sums of 4,200 products below 1/4, which come to 30 at most.
        Numbers.AssertClose(PlainSum<T>(left, right, rows, accumulates ? 3 : 0), actual, 1e-4f);
    }

    static NativeBuffer Matrix<T>(int length, int seed) where T : unmanaged, IElement<T>
    {
        var buffer = NativeBuffer.Of<T>(length);
        fixed (float* values = Numbers.Random(length, seed)) Conversion.FromFloats(values, (T*)buffer.Start, length);
        return buffer;
    }

    static float[] PlainSum<T>(NativeBuffer left, NativeBuffer right, int rows, float before) where T : unmanaged, IElement<T>
    {
        var sums = new double[Outputs * Inputs];
        Array.Fill(sums, before);
        for (var row = 0; row < rows; row++)
            for (var output = 0; output < Outputs; output++)
                for (var input = 0; input < Inputs; input++)
                    sums[output * Inputs + input] += (double)T.ToSingle(((T*)left.Start)[row * Outputs + output]) * T.ToSingle(((T*)right.Start)[row * Inputs + input]);
        return [.. sums.Select(sum => (float)sum)];
    }
}
