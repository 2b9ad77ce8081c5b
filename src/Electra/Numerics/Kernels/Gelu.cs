using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Electra.Numerics.Kernels;

/// <summary>x Φ(x) with the exact normal distribution function (Hendrycks and Gimpel 2016), after a bias.</summary>
readonly unsafe struct Gelu<T> : IProductEpilogue where T : unmanaged, IElement<T>
{
    public static bool TakesWholeRows => false;

    /// <summary>(width).</summary>
    public float* Bias { get; init; }

    /// <summary>(T, width): the activation's input, written for the backward pass; null where there is none.</summary>
    public T* Input { get; init; }

    /// <summary>(T, width), written.</summary>
    public T* Output { get; init; }

    public int Width { get; init; }

    public void Prepare(int firstRow, int rows, int firstColumn, int columns)
    {
        var offset = (nint)firstRow * Width + firstColumn;
        Prefetch.Rows(Input == null ? null : Input + offset, Width, rows, columns);
        Prefetch.Rows(Output + offset, Width, rows, columns);
    }

    public void Finish(float* block, nint stride, int firstRow, int rows, int firstColumn, int columns)
    {
        for (var i = 0; i < rows; i++)
        {
            var offset = (nint)(firstRow + i) * Width + firstColumn;
            var input = Input == null ? null : Input + offset;
            if (columns % Lanes.Count == 0) ApplyVector(block + i * stride, Bias + firstColumn, input, Output + offset, columns);
            else ApplyScalar(block + i * stride, Bias + firstColumn, input, Output + offset, columns);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void ApplyVector(float* row, float* bias, T* input, T* output, int columns)
    {
        for (var j = 0; j < columns; j += Lanes.Count)
        {
            var x = Vector512.Load(row + j) + Vector512.Load(bias + j);
            if (input != null) T.Store(x, input + j);
            T.Store(x * Lanes.NormalCdf(x), output + j);
        }
    }

    internal static void ApplyScalar(float* row, float* bias, T* input, T* output, int columns)
    {
        for (var j = 0; j < columns; j++)
        {
            var x = row[j] + bias[j];
            if (input != null) input[j] = T.FromSingle(x);
            output[j] = T.FromSingle(x * ScalarMath.NormalCdf(x));
        }
    }
}
