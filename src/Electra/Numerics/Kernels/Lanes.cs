using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Electra.Numerics.Kernels;

/// <summary>
/// Arithmetic on sixteen float32 lanes. <see cref="Vector512"/> is one register with AVX-512 and several elsewhere, so every kernel
/// written with it is right on every processor.
/// </summary>
static class Lanes
{
    /// <summary>Number of lanes.</summary>
    public const int Count = 16;

    /// <summary>a b + c, rounded once where the processor can.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> MultiplyAdd(Vector512<float> a, Vector512<float> b, Vector512<float> c) =>
        Fma.IsSupported || AdvSimd.IsSupported ? Vector512.FusedMultiplyAdd(a, b, c) : a * b + c;

    /// <inheritdoc cref="MultiplyAdd(Vector512{float}, Vector512{float}, Vector512{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> MultiplyAdd(Vector256<float> a, Vector256<float> b, Vector256<float> c) =>
        Fma.IsSupported || AdvSimd.IsSupported ? Vector256.FusedMultiplyAdd(a, b, c) : a * b + c;

    /// <summary>e^x for x up to 88, with a relative error below 2e-7; 0 below -87.7.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp(Vector512<float> x)
    {
        // Below this 2^n is no longer a normal number: its bits become those of 0.
        x = Vector512.Max(x, Vector512.Create(-88f));

        // x = n ln 2 + r with |r| <= ln 2 / 2, the logarithm split in two so that the subtraction is exact (Cody and Waite 1980).
        // A sum with 1.5 x 2^23 has no fraction bits left: it is rounded, and its last bits are the integer n.
        var shift = Vector512.Create(12582912f);
        var shifted = MultiplyAdd(x, Vector512.Create(1.44269504f), shift);
        var n = shifted - shift;
        var r = MultiplyAdd(n, Vector512.Create(-0.693359375f), x);
        r = MultiplyAdd(n, Vector512.Create(2.12194440e-4f), r);

        // Minimax polynomial of e^r (Cephes expf).
        var p = MultiplyAdd(Vector512.Create(1.9875691500e-4f), r, Vector512.Create(1.3981999507e-3f));
        p = MultiplyAdd(p, r, Vector512.Create(8.3334519073e-3f));
        p = MultiplyAdd(p, r, Vector512.Create(4.1665795894e-2f));
        p = MultiplyAdd(p, r, Vector512.Create(1.6666665459e-1f));
        p = MultiplyAdd(p, r, Vector512.Create(5.0000001201e-1f));
        p = MultiplyAdd(p, r * r, r + Vector512<float>.One);

        var powerOfTwo = (shifted.AsInt32() << 23) + Vector512.Create(127 << 23);
        return p * powerOfTwo.AsSingle();
    }

    /// <summary>The standard normal distribution function, 0.5 (1 + erf(x / sqrt 2)), with an absolute error below 1.5e-7.</summary>
    /// <param name="x">Where.</param>
    /// <param name="density">e^(-x^2 / 2): shared with the derivative.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> NormalCdf(Vector512<float> x, Vector512<float> density)
    {
        // Abramowitz and Stegun 1964, formula 7.1.26, for z = |x| / sqrt 2.
        var z = Vector512.Abs(x) * Vector512.Create(0.70710678f);
        var t = Vector512<float>.One / MultiplyAdd(z, Vector512.Create(0.3275911f), Vector512<float>.One);
        var p = MultiplyAdd(t, Vector512.Create(1.061405429f), Vector512.Create(-1.453152027f));
        p = MultiplyAdd(p, t, Vector512.Create(1.421413741f));
        p = MultiplyAdd(p, t, Vector512.Create(-0.284496736f));
        p = MultiplyAdd(p, t, Vector512.Create(0.254829592f));
        var upperTail = p * t * density * Vector512.Create(0.5f);
        return Vector512.ConditionalSelect(Vector512.LessThan(x, Vector512<float>.Zero), upperTail, Vector512<float>.One - upperTail);
    }

    /// <summary>The largest lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Max(Vector512<float> x)
    {
        var eight = Vector256.Max(x.GetLower(), x.GetUpper());
        var four = Vector128.Max(eight.GetLower(), eight.GetUpper());
        var two = Vector128.Max(four, Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1)));
        return MathF.Max(two[0], two[1]);
    }
}
