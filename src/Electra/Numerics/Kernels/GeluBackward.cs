using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Electra.Numerics.Kernels;

/// <summary>The gradient of <see cref="Gelu"/>: Φ(x) + x φ(x). It yields the activation again, so that no pass has to store it.</summary>
readonly unsafe struct GeluBackward : IRowEpilogue
{
    const float InverseRootTwoPi = 0.39894228f;

    /// <summary>(T, width): the input of the activation, with its bias.</summary>
    public float* Input { get; init; }

    /// <summary>(T, width): the activation, written.</summary>
    public float* Activation { get; init; }

    /// <summary>(T, width): the output's gradient, replaced by the input's.</summary>
    public float* Gradient { get; init; }

    /// <summary>(width): the bias's gradient, added to.</summary>
    public float* BiasGradient { get; init; }

    public int Width { get; init; }

    public void Finish(int first, int count)
    {
        for (var i = first; i < first + count; i++)
        {
            var offset = (nint)i * Width;
            if (Width % Lanes.Count == 0) ApplyVector(Input + offset, Activation + offset, Gradient + offset);
            else ApplyScalar(Input + offset, Activation + offset, Gradient + offset);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal void ApplyVector(float* input, float* activation, float* gradient)
    {
        for (var j = 0; j < Width; j += Lanes.Count)
        {
            var x = Vector256.Load(input + j);
            var density = Lanes.Exp(x * x * Vector256.Create(-0.5f));
            var cdf = Lanes.NormalCdf(x, density);
            (x * cdf).Store(activation + j);
            var slope = Lanes.MultiplyAdd(x * Vector256.Create(InverseRootTwoPi), density, cdf);
            var result = Vector256.Load(gradient + j) * slope;
            result.Store(gradient + j);
            (Vector256.Load(BiasGradient + j) + result).Store(BiasGradient + j);
        }
    }

    internal void ApplyScalar(float* input, float* activation, float* gradient)
    {
        for (var j = 0; j < Width; j++)
        {
            var x = input[j];
            var cdf = ScalarMath.NormalCdf(x);
            activation[j] = x * cdf;
            gradient[j] *= cdf + x * InverseRootTwoPi * MathF.Exp(-0.5f * x * x);
            BiasGradient[j] += gradient[j];
        }
    }
}
