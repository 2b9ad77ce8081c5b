using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Electra.Numerics.Kernels;

/// <summary>x Φ(x) with the exact normal distribution function (Hendrycks and Gimpel 2016), after a bias.</summary>
readonly unsafe struct Gelu : IRowEpilogue
{
    /// <summary>(T, width): the product; the bias is added in place, which is what the backward pass needs.</summary>
    public float* Rows { get; init; }

    /// <summary>(width).</summary>
    public float* Bias { get; init; }

    /// <summary>(T, width), may be <see cref="Rows"/>.</summary>
    public float* Output { get; init; }

    public int Width { get; init; }

    public void Finish(int first, int count)
    {
        for (var i = first; i < first + count; i++)
        {
            if (Width % Lanes.Count == 0) ApplyVector(Rows + (nint)i * Width, Output + (nint)i * Width);
            else ApplyScalar(Rows + (nint)i * Width, Output + (nint)i * Width);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal void ApplyVector(float* row, float* output)
    {
        for (var j = 0; j < Width; j += Lanes.Count)
        {
            var x = Vector256.Load(row + j) + Vector256.Load(Bias + j);
            x.Store(row + j);
            (x * Lanes.NormalCdf(x, Lanes.Exp(x * x * Vector256.Create(-0.5f)))).Store(output + j);
        }
    }

    internal void ApplyScalar(float* row, float* output)
    {
        for (var j = 0; j < Width; j++)
        {
            row[j] += Bias[j];
            output[j] = row[j] * ScalarMath.NormalCdf(row[j]);
        }
    }
}
