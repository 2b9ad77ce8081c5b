using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Electra.Numerics.Kernels;

/// <summary>The gradient of <see cref="ResidualNorm{T}"/>. The gradient of its output comes in two parts: a product and what the residual stream brings.</summary>
readonly unsafe struct ResidualNormBackward<T> : IProductEpilogue where T : unmanaged, IElement<T>
{
    public static bool TakesWholeRows => true;

    /// <summary>(T, width): the residual stream's part where <see cref="AddsResidual"/>, replaced by the residual's gradient.</summary>
    public T* Gradient { get; init; }

    /// <summary>False where the product is the whole gradient.</summary>
    public bool AddsResidual { get; init; }

    /// <summary>(T, width): the product's gradient, written.</summary>
    public T* ProductGradient { get; init; }

    /// <summary>(T, width) and (T): what the forward pass kept.</summary>
    public T* Normalized { get; init; }

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

    public void Prepare(int firstRow, int rows, int firstColumn, int columns)
    {
        var offset = (nint)firstRow * Width;
        Prefetch.Rows(Gradient + offset, Width, rows, Width);
        Prefetch.Rows(ProductGradient + offset, Width, rows, Width);
        Prefetch.Rows(Normalized + offset, Width, rows, Width);
    }

    public void Finish(float* block, nint stride, int firstRow, int rows, int firstColumn, int columns)
    {
        for (var i = 0; i < rows; i++, block += stride)
        {
            var token = firstRow + i;
            var offset = (nint)token * Width;
            if (AddsResidual) AddResidual(block, Gradient + offset);
            LayerNorm.Backward(block, Normalized + offset, InverseDeviation[token], Weight, WeightGradient, ShiftGradient, Width);
            if (Width % Lanes.Count == 0) DropVector(block, token);
            else DropScalar(block, token);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void AddResidual(float* row, T* residual)
    {
        var j = 0;
        for (; j + Lanes.Count <= Width; j += Lanes.Count) (Vector512.Load(row + j) + T.Load(residual + j)).Store(row + j);
        for (; j < Width; j++) row[j] += T.ToSingle(residual[j]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal void DropVector(float* row, int token)
    {
        var offset = (nint)token * Width;
        var gradient = Gradient + offset;
        var product = ProductGradient + offset;
        var (key, element) = (Dropout.Key(token), Dropout.Element(token));
        for (var j = 0; j < Width; j += Lanes.Count)
        {
            var x = Vector512.Load(row + j);
            T.Store(x, gradient + j);
            if (Dropout.IsActive) x *= Dropout.Factors(key, element + (uint)j);
            T.Store(x, product + j);
            (Vector512.Load(BiasGradient + j) + x).Store(BiasGradient + j);
        }
    }

    internal void DropScalar(float* row, int token)
    {
        var offset = (nint)token * Width;
        var (key, element) = (Dropout.Key(token), Dropout.Element(token));
        for (var j = 0; j < Width; j++)
        {
            Gradient[offset + j] = T.FromSingle(row[j]);
            var x = Dropout.IsActive ? row[j] * Dropout.Factor(key, element + (uint)j) : row[j];
            ProductGradient[offset + j] = T.FromSingle(x);
            BiasGradient[j] += x;
        }
    }
}
