using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Electra.Numerics.Kernels;

/// <summary>The gradient of <see cref="ResidualNorm"/>.</summary>
readonly unsafe struct ResidualNormBackward : IRowEpilogue
{
    /// <summary>(T, width): the output's gradient, replaced by the residual's.</summary>
    public float* Gradient { get; init; }

    /// <summary>(T, width): the product's gradient, written.</summary>
    public float* ProductGradient { get; init; }

    /// <summary>(T, width) and (T): what the forward pass kept.</summary>
    public float* Normalized { get; init; }

    /// <inheritdoc cref="Normalized"/>
    public float* InverseDeviation { get; init; }

    /// <summary>(width): the scale of the normalisation.</summary>
    public float* Weight { get; init; }

    /// <summary>(width): gradients of scale, shift and the product's bias, added to.</summary>
    public float* WeightGradient { get; init; }

    /// <inheritdoc cref="WeightGradient"/>
    public float* ShiftGradient { get; init; }

    /// <inheritdoc cref="WeightGradient"/>
    public float* BiasGradient { get; init; }

    public int Width { get; init; }

    public RowDropout Dropout { get; init; }

    public void Finish(int first, int count)
    {
        for (var i = first; i < first + count; i++)
        {
            var offset = (nint)i * Width;
            LayerNorm.Backward(Gradient + offset, Normalized + offset, InverseDeviation[i], Weight, WeightGradient, ShiftGradient, Width);
            if (Width % Lanes.Count == 0) DropVector(i);
            else DropScalar(i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal void DropVector(int token)
    {
        var offset = (nint)token * Width;
        var gradient = Gradient + offset;
        var product = ProductGradient + offset;
        var (key, element) = (Dropout.Key(token), Dropout.Element(token));
        for (var j = 0; j < Width; j += Lanes.Count)
        {
            var x = Vector256.Load(gradient + j);
            if (Dropout.IsActive) x *= Dropout.Factors(key, element + (uint)j);
            x.Store(product + j);
            (Vector256.Load(BiasGradient + j) + x).Store(BiasGradient + j);
        }
    }

    internal void DropScalar(int token)
    {
        var offset = (nint)token * Width;
        var gradient = Gradient + offset;
        var product = ProductGradient + offset;
        var (key, element) = (Dropout.Key(token), Dropout.Element(token));
        for (var j = 0; j < Width; j++)
        {
            product[j] = Dropout.IsActive ? gradient[j] * Dropout.Factor(key, element + (uint)j) : gradient[j];
            BiasGradient[j] += product[j];
        }
    }
}
