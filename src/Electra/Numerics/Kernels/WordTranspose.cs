using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Electra.Numerics.Kernels;

/// <summary>Sixteen rows of sixteen 32-bit words.</summary>
interface IWordRows
{
    /// <summary>One of them.</summary>
    Vector512<uint> Row(int index);
}

/// <summary>Turns sixteen rows of sixteen words into their columns: four rounds in which rows 1, 2, 4 and 8 apart exchange halves. For AVX-512.</summary>
static unsafe class WordTranspose
{
    /// <param name="rows">What is read.</param>
    /// <param name="target">Sixteen rows, <paramref name="stride"/> words apart.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Square<TRows>(TRows rows, uint* target, nint stride) where TRows : struct, IWordRows
    {
        var (a0, a1) = Words(rows.Row(0), rows.Row(1));
        var (a2, a3) = Words(rows.Row(2), rows.Row(3));
        var (a4, a5) = Words(rows.Row(4), rows.Row(5));
        var (a6, a7) = Words(rows.Row(6), rows.Row(7));
        var (a8, a9) = Words(rows.Row(8), rows.Row(9));
        var (a10, a11) = Words(rows.Row(10), rows.Row(11));
        var (a12, a13) = Words(rows.Row(12), rows.Row(13));
        var (a14, a15) = Words(rows.Row(14), rows.Row(15));
        var (b0, b1) = Pairs(a0, a2);
        var (b2, b3) = Pairs(a1, a3);
        var (b4, b5) = Pairs(a4, a6);
        var (b6, b7) = Pairs(a5, a7);
        var (b8, b9) = Pairs(a8, a10);
        var (b10, b11) = Pairs(a9, a11);
        var (b12, b13) = Pairs(a12, a14);
        var (b14, b15) = Pairs(a13, a15);

        var (c0, c4) = Quarters(b0, b4);
        var (c1, c5) = Quarters(b1, b5);
        var (c2, c6) = Quarters(b2, b6);
        var (c3, c7) = Quarters(b3, b7);
        var (c8, c12) = Quarters(b8, b12);
        var (c9, c13) = Quarters(b9, b13);
        var (c10, c14) = Quarters(b10, b14);
        var (c11, c15) = Quarters(b11, b15);

        var (d0, d8) = Quarters(c0, c8);
        var (d1, d9) = Quarters(c1, c9);
        var (d2, d10) = Quarters(c2, c10);
        var (d3, d11) = Quarters(c3, c11);
        var (d4, d12) = Quarters(c4, c12);
        var (d5, d13) = Quarters(c5, c13);
        var (d6, d14) = Quarters(c6, c14);
        var (d7, d15) = Quarters(c7, c15);

        d0.Store(target);
        d1.Store(target + stride);
        d2.Store(target + 2 * stride);
        d3.Store(target + 3 * stride);
        d4.Store(target + 4 * stride);
        d5.Store(target + 5 * stride);
        d6.Store(target + 6 * stride);
        d7.Store(target + 7 * stride);
        d8.Store(target + 8 * stride);
        d9.Store(target + 9 * stride);
        d10.Store(target + 10 * stride);
        d11.Store(target + 11 * stride);
        d12.Store(target + 12 * stride);
        d13.Store(target + 13 * stride);
        d14.Store(target + 14 * stride);
        d15.Store(target + 15 * stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static (Vector512<uint>, Vector512<uint>) Words(Vector512<uint> x, Vector512<uint> y) => (Avx512F.UnpackLow(x, y), Avx512F.UnpackHigh(x, y));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static (Vector512<uint>, Vector512<uint>) Pairs(Vector512<uint> x, Vector512<uint> y) =>
        (Avx512F.UnpackLow(x.AsUInt64(), y.AsUInt64()).AsUInt32(), Avx512F.UnpackHigh(x.AsUInt64(), y.AsUInt64()).AsUInt32());

    // The even 128-bit quarters of both, and the odd ones.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static (Vector512<uint>, Vector512<uint>) Quarters(Vector512<uint> x, Vector512<uint> y) =>
        (Avx512F.Shuffle4x128(x, y, 0b10_00_10_00), Avx512F.Shuffle4x128(x, y, 0b11_01_11_01));
}
