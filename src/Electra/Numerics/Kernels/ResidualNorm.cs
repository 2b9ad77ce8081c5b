using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Electra.Numerics.Kernels;

/// <summary>LayerNorm(residual + dropout(product + bias)), the end of both sublayers (Vaswani et al. 2017, section 5.4), in one pass.</summary>
readonly unsafe struct ResidualNorm<T> : IProductEpilogue where T : unmanaged, IElement<T>
{
    public static bool TakesWholeRows => true;

    /// <summary>(width): the product's bias.</summary>
    public float* Bias { get; init; }

    /// <summary>(T, width).</summary>
    public T* Residual { get; init; }

    /// <summary>(width): scale and shift of the normalisation.</summary>
    public float* Weight { get; init; }

    /// <inheritdoc cref="Weight"/>
    public float* Shift { get; init; }

    /// <summary>(T, width): mean 0 and variance 1, for the backward pass; null where there is none.</summary>
    public T* Normalized { get; init; }

    /// <summary>(T, width), or null; may be <see cref="Residual"/>.</summary>
    public T* Output { get; init; }

    /// <summary>(T, width): the same in float32, or null.</summary>
    public float* FloatOutput { get; init; }

    /// <summary>(T): 1 / sigma, for the backward pass.</summary>
    public float* InverseDeviation { get; init; }

    public int Width { get; init; }

    public float Epsilon { get; init; }

    public RowDropout Dropout { get; init; }

    public void Prepare(int firstRow, int rows, int firstColumn, int columns)
    {
        var offset = (nint)firstRow * Width;
        Prefetch.Rows(Residual + offset, Width, rows, Width);
        Prefetch.Rows(Normalized == null ? null : Normalized + offset, Width, rows, Width);
        Prefetch.Rows(Output == null ? null : Output + offset, Width, rows, Width);
    }

    public void Finish(float* block, nint stride, int firstRow, int rows, int firstColumn, int columns)
    {
        for (var i = 0; i < rows; i++, block += stride)
        {
            var token = firstRow + i;
            if (Width % Lanes.Count == 0) AddVector(block, token);
            else AddScalar(block, token);
            var offset = (nint)token * Width;
            InverseDeviation[token] = LayerNorm.Forward(block, Weight, Shift, Normalized == null ? null : Normalized + offset, Width, Epsilon);
            if (Output != null) Conversion.FromFloats(block, Output + offset, Width);
            if (FloatOutput != null) Buffer.MemoryCopy(block, FloatOutput + offset, (long)Width * sizeof(float), (long)Width * sizeof(float));
        }
    }

    // row = residual + dropout(row + bias)
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal void AddVector(float* row, int token)
    {
        var residual = Residual + (nint)token * Width;
        var (key, element) = (Dropout.Key(token), Dropout.Element(token));
        for (var j = 0; j < Width; j += Lanes.Count)
        {
            var x = Vector512.Load(row + j) + Vector512.Load(Bias + j);
            if (Dropout.IsActive) x *= Dropout.Factors(key, element + (uint)j);
            (x + T.Load(residual + j)).Store(row + j);
        }
    }

    internal void AddScalar(float* row, int token)
    {
        var residual = Residual + (nint)token * Width;
        var (key, element) = (Dropout.Key(token), Dropout.Element(token));
        for (var j = 0; j < Width; j++)
        {
            var x = row[j] + Bias[j];
            if (Dropout.IsActive) x *= Dropout.Factor(key, element + (uint)j);
            row[j] = T.ToSingle(residual[j]) + x;
        }
    }
}
