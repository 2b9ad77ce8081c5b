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
            if (Width % Lanes.Count == 0) ApplyVector(i);
            else ApplyScalar(i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal void ApplyVector(int token)
    {
        var offset = (nint)token * Width;
        var row = Product + offset;
        var residual = Residual + offset;
        var (key, element) = (Dropout.Key(token), Dropout.Element(token));
        var sum = Vector256<float>.Zero;
        for (var j = 0; j < Width; j += Lanes.Count)
        {
            var x = Vector256.Load(row + j) + Vector256.Load(Bias + j);
            if (Dropout.IsActive) x *= Dropout.Factors(key, element + (uint)j);
            x += Vector256.Load(residual + j);
            x.Store(row + j);
            sum += x;
        }
        InverseDeviation[token] = Normalize(row, Vector256.Sum(sum), Weight, Shift, Normalized + offset, Output + offset, Width, Epsilon);
    }

    internal void ApplyScalar(int token)
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
        InverseDeviation[token] = NormalizeScalar(row, Weight, Shift, Normalized + offset, Output + offset, Width, Epsilon);
    }

    /// <summary>Normalises one row.</summary>
    /// <returns>1 / sigma.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static float Normalize(
        float* row, float sum, float* weight, float* shift, float* normalized, float* output, int width, float epsilon)
    {
        var mean = Vector256.Create(sum / width);
        var squares = Vector256<float>.Zero;
        for (var j = 0; j < width; j += Lanes.Count)
        {
            var centred = Vector256.Load(row + j) - mean;
            squares = Lanes.MultiplyAdd(centred, centred, squares);
        }
        var inverse = 1 / MathF.Sqrt(Vector256.Sum(squares) / width + epsilon);
        var scale = Vector256.Create(inverse);
        for (var j = 0; j < width; j += Lanes.Count)
        {
            var unit = (Vector256.Load(row + j) - mean) * scale;
            unit.Store(normalized + j);
            Lanes.MultiplyAdd(unit, Vector256.Load(weight + j), Vector256.Load(shift + j)).Store(output + j);
        }
        return inverse;
    }

    /// <inheritdoc cref="Normalize"/>
    internal static float NormalizeScalar(float* row, float* weight, float* shift, float* normalized, float* output, int width, float epsilon)
    {
        double sum = 0, squares = 0;
        for (var j = 0; j < width; j++) sum += row[j];
        var mean = sum / width;
        for (var j = 0; j < width; j++) squares += (row[j] - mean) * (row[j] - mean);
        var inverse = 1 / Math.Sqrt(squares / width + epsilon);
        for (var j = 0; j < width; j++)
        {
            normalized[j] = (float)((row[j] - mean) * inverse);
            output[j] = normalized[j] * weight[j] + shift[j];
        }
        return (float)inverse;
    }
}
