using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Electra.Numerics.Kernels;

/// <summary>LayerNorm(residual + dropout(product + bias)), the end of both sublayers (Vaswani et al. 2017, section 5.4), in one pass.</summary>
readonly unsafe struct ResidualNorm : IRowEpilogue
{
    /// <summary>(T, width): the product; overwritten.</summary>
    public float* Product { get; init; }

    /// <summary>(width): the product's bias.</summary>
    public float* Bias { get; init; }

    /// <summary>(T, width).</summary>
    public float* Residual { get; init; }

    /// <summary>(width): scale and shift of the normalisation.</summary>
    public float* Weight { get; init; }

    /// <inheritdoc cref="Weight"/>
    public float* Shift { get; init; }

    /// <summary>(T, width): mean 0 and variance 1, for the backward pass.</summary>
    public float* Normalized { get; init; }

    /// <summary>(T, width); may be <see cref="Residual"/>.</summary>
    public float* Output { get; init; }

    /// <summary>(T): 1 / sigma, for the backward pass.</summary>
    public float* InverseDeviation { get; init; }

    public int Width { get; init; }

    public float Epsilon { get; init; }

    public RowDropout Dropout { get; init; }

    public void Finish(int first, int count)
    {
        for (var i = first; i < first + count; i++)
        {
            if (Width % Lanes.Count == 0) AddVector(i);
            else AddScalar(i);
            var offset = (nint)i * Width;
            InverseDeviation[i] = LayerNorm.Forward(Product + offset, Weight, Shift, Normalized + offset, Output + offset, Width, Epsilon);
        }
    }

    // product = residual + dropout(product + bias)
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal void AddVector(int token)
    {
        var offset = (nint)token * Width;
        var row = Product + offset;
        var residual = Residual + offset;
        var (key, element) = (Dropout.Key(token), Dropout.Element(token));
        for (var j = 0; j < Width; j += Lanes.Count)
        {
            var x = Vector256.Load(row + j) + Vector256.Load(Bias + j);
            if (Dropout.IsActive) x *= Dropout.Factors(key, element + (uint)j);
            x += Vector256.Load(residual + j);
            x.Store(row + j);
        }
    }

    internal void AddScalar(int token)
    {
        var offset = (nint)token * Width;
        var row = Product + offset;
        var (key, element) = (Dropout.Key(token), Dropout.Element(token));
        for (var j = 0; j < Width; j++)
        {
            var x = row[j] + Bias[j];
            if (Dropout.IsActive) x *= Dropout.Factor(key, element + (uint)j);
            row[j] = Residual[offset + j] + x;
        }
    }
}
