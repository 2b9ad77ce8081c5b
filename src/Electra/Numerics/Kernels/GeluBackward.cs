using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Electra.Numerics.Kernels;

/// <summary>The gradient of <see cref="Gelu{T}"/>: Φ(x) + x φ(x). It yields the activation again, so that no pass has to store it.</summary>
readonly unsafe struct GeluBackward<T> : IProductEpilogue where T : unmanaged, IElement<T>
{
    const float InverseRootTwoPi = 0.39894228f;

    public static bool TakesWholeRows => false;

    /// <summary>(T, width): the input of the activation, with its bias.</summary>
    public T* Input { get; init; }

    /// <summary>(T, width): the activation, written.</summary>
    public T* Activation { get; init; }

    /// <summary>(T, width): the input's gradient, written.</summary>
    public T* Gradient { get; init; }

    /// <summary>(width): the bias's gradient, added to.</summary>
    public float* BiasGradient { get; init; }

    public int Width { get; init; }

    public void Prepare(int firstRow, int rows, int firstColumn, int columns)
    {
        var offset = (nint)firstRow * Width + firstColumn;
        Prefetch.Rows(Input + offset, Width, rows, columns);
        Prefetch.Rows(Activation + offset, Width, rows, columns);
        Prefetch.Rows(Gradient + offset, Width, rows, columns);
    }

    /// <param name="block">The output's gradient.</param>
    public void Finish(float* block, nint stride, int firstRow, int rows, int firstColumn, int columns)
    {
        var bias = BiasGradient + firstColumn;
        for (var i = 0; i < rows; i++)
        {
            var offset = (nint)(firstRow + i) * Width + firstColumn;
            if (columns % Lanes.Count == 0) ApplyVector(block + i * stride, Input + offset, Activation + offset, Gradient + offset, bias, columns);
            else ApplyScalar(block + i * stride, Input + offset, Activation + offset, Gradient + offset, bias, columns);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void ApplyVector(float* row, T* input, T* activation, T* gradient, float* biasGradient, int columns)
    {
        for (var j = 0; j < columns; j += Lanes.Count)
        {
            var x = T.Load(input + j);
            var density = Lanes.Exp2(x * x * Vector512.Create(-0.5f * Lanes.Log2E));
            var cdf = Lanes.NormalCdf(x);
            T.Store(x * cdf, activation + j);
            var slope = Lanes.MultiplyAdd(x * Vector512.Create(InverseRootTwoPi), density, cdf);
            var result = Vector512.Load(row + j) * slope;
            T.Store(result, gradient + j);
            (Vector512.Load(biasGradient + j) + result).Store(biasGradient + j);
        }
    }

    internal static void ApplyScalar(float* row, T* input, T* activation, T* gradient, float* biasGradient, int columns)
    {
        for (var j = 0; j < columns; j++)
        {
            var x = T.ToSingle(input[j]);
            var cdf = ScalarMath.NormalCdf(x);
            activation[j] = T.FromSingle(x * cdf);
            var result = row[j] * (cdf + x * InverseRootTwoPi * MathF.Exp(-0.5f * x * x));
            gradient[j] = T.FromSingle(result);
            biasGradient[j] += result;
        }
    }
}
