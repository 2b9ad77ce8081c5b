using TorchSharp;
using static TorchSharp.torch;

namespace Electra.Numerics;

/// <summary>Matrix products in the chosen precision, with shapes checked: a mismatch inside libtorch's matmul ends the process.</summary>
public static class MatrixProduct
{
    /// <summary>x W^T + b in float32 out; in bfloat16 both operands are rounded first.</summary>
    /// <param name="x">(..., in).</param>
    /// <param name="weight">(out, in).</param>
    /// <param name="bias">(out), or null.</param>
    /// <param name="precision">Of the product.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static Tensor Linear(Tensor x, Tensor weight, Tensor? bias, Precision precision)
    {
        CheckWidths(x, weight);
        if (precision == Precision.Float32) return nn.functional.linear(x, weight, bias);

        using var scope = NewDisposeScope();
        var product = nn.functional.linear(x.to(ScalarType.BFloat16), weight.to(ScalarType.BFloat16)).to(ScalarType.Float32);
        // The bias is added in float32: rounding it with the product would lose small biases beside large sums.
        return (bias is null ? product : product + bias).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// x W^T + b on its way to another product. On a GPU in bfloat16 the sum and its bias are rounded once and stay so, for there the memory that
    /// activations pass through is what a step waits for; elsewhere float32 as <see cref="Linear"/>.
    /// </summary>
    /// <param name="x">(..., in).</param>
    /// <param name="weight">(out, in).</param>
    /// <param name="bias">(out).</param>
    /// <param name="precision">Of the product.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static Tensor LinearInside(Tensor x, Tensor weight, Tensor bias, Precision precision)
    {
        if (precision == Precision.Float32 || x.device_type == DeviceType.CPU) return Linear(x, weight, bias, precision);
        CheckWidths(x, weight);
        using var scope = NewDisposeScope();
        return nn.functional.linear(x.to(ScalarType.BFloat16), weight.to(ScalarType.BFloat16), bias.to(ScalarType.BFloat16)).MoveToOuterDisposeScope();
    }

    /// <summary>Batched product (..., M, K) x (..., K, N) = (..., M, N), float32 out.</summary>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static Tensor Batched(Tensor a, Tensor b, Precision precision)
    {
        if (a.shape[^1] != b.shape[^2] || !a.shape.AsSpan(0, a.shape.Length - 2).SequenceEqual(b.shape.AsSpan(0, b.shape.Length - 2)))
            throw new ArgumentException($"Matrix product: shapes ({string.Join(", ", a.shape)}) and ({string.Join(", ", b.shape)}) do not fit.");
        if (precision == Precision.Float32) return a.matmul(b);

        using var scope = NewDisposeScope();
        return a.to(ScalarType.BFloat16).matmul(b.to(ScalarType.BFloat16)).to(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    static void CheckWidths(Tensor x, Tensor weight)
    {
        if (x.shape[^1] != weight.shape[1]) throw new ArgumentException($"Linear: the input is {x.shape[^1]} wide, the weight takes {weight.shape[1]}.");
    }
}
