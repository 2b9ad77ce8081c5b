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

    /// <summary>1 / ln 2: e^x = 2^(x <see cref="Log2E"/>), with a relative error below 1e-7 |x| from the product.</summary>
    public const float Log2E = 1.44269504f;

    const float CdfRange = 5.2f;

    /// <summary>The operand of AVX-512's reductions that leaves x - floor(x).</summary>
    const byte TowardsMinusInfinity = 1;

    /// <summary>a b + c, rounded once where the processor can.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> MultiplyAdd(Vector512<float> a, Vector512<float> b, Vector512<float> c) =>
        Fma.IsSupported || AdvSimd.IsSupported ? Vector512.FusedMultiplyAdd(a, b, c) : a * b + c;

    /// <inheritdoc cref="MultiplyAdd(Vector512{float}, Vector512{float}, Vector512{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> MultiplyAdd(Vector256<float> a, Vector256<float> b, Vector256<float> c) =>
        Fma.IsSupported || AdvSimd.IsSupported ? Vector256.FusedMultiplyAdd(a, b, c) : a * b + c;

    /// <summary>2^x for x below 128, with a relative error below 2e-7; below -126 nearly 0 or 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp2(Vector512<float> x)
    {
        if (Avx512DQ.IsSupported) return Avx512F.Scale(FractionExp2(Avx512DQ.Reduce(x, TowardsMinusInfinity)), x);
        // Below this 2^x is no longer a normal number.
        var isTiny = Vector512.LessThan(x, Vector512.Create(-126f));
        x = Vector512.ConditionalSelect(isTiny, Vector512<float>.Zero, x);
        var whole = Vector512.Floor(x);
        var power = FractionExp2(x - whole).AsInt32() + (Vector512.ConvertToInt32(whole) << 23);
        return Vector512.ConditionalSelect(isTiny, Vector512<float>.Zero, power.AsSingle());
    }

    /// <summary>The standard normal distribution function, 0.5 (1 + erf(x / sqrt 2)), with an absolute error below 2e-7.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> NormalCdf(Vector512<float> x)
    {
        // Beyond 5.2 lies 1e-7 of the distribution. Within, it is 0.5 + x p(x^2), p in powers of 2 (x / 5.2)^2 - 1: interpolated at Chebyshev's
        // nodes, without the exponential and the division of the usual formulas.
        x = Vector512.MinNative(Vector512.MaxNative(x, Vector512.Create(-CdfRange)), Vector512.Create(CdfRange));
        var t = MultiplyAdd(x * x, Vector512.Create(2 / (CdfRange * CdfRange)), Vector512.Create(-1f));
        var p = MultiplyAdd(t, Vector512.Create(-5.585362087e-04f), Vector512.Create(1.316966256e-03f));
        p = MultiplyAdd(p, t, Vector512.Create(-9.955561254e-04f));
        p = MultiplyAdd(p, t, Vector512.Create(1.667417004e-03f));
        p = MultiplyAdd(p, t, Vector512.Create(-5.040066782e-03f));
        p = MultiplyAdd(p, t, Vector512.Create(8.695023134e-03f));
        p = MultiplyAdd(p, t, Vector512.Create(-1.237330213e-02f));
        p = MultiplyAdd(p, t, Vector512.Create(1.789213903e-02f));
        p = MultiplyAdd(p, t, Vector512.Create(-2.475660853e-02f));
        p = MultiplyAdd(p, t, Vector512.Create(3.200291470e-02f));
        p = MultiplyAdd(p, t, Vector512.Create(-3.992637619e-02f));
        p = MultiplyAdd(p, t, Vector512.Create(5.002355948e-02f));
        p = MultiplyAdd(p, t, Vector512.Create(-6.774376333e-02f));
        p = MultiplyAdd(p, t, Vector512.Create(1.359499991e-01f));
        return MultiplyAdd(x, p, Vector512.Create(0.5f));
    }

    /// <summary>2^x for x in [0, 1): a minimax polynomial that is exact at 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector512<float> FractionExp2(Vector512<float> x)
    {
        var p = MultiplyAdd(x, Vector512.Create(1.867052400e-03f), Vector512.Create(9.017194621e-03f));
        p = MultiplyAdd(p, x, Vector512.Create(5.579979718e-02f));
        p = MultiplyAdd(p, x, Vector512.Create(2.401644886e-01f));
        p = MultiplyAdd(p, x, Vector512.Create(6.931512952e-01f));
        return MultiplyAdd(p, x, Vector512<float>.One);
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
