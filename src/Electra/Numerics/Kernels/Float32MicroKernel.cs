using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Electra.Numerics.Kernels;

/// <summary>
/// The innermost loop of a matrix product: a tile of 6 x 16 results held in twelve of the sixteen vector registers while the
/// depth passes by (Goto and van de Geijn 2008). Two loads of B and six broadcasts of A feed twelve multiply-adds.
/// </summary>
static unsafe class Float32MicroKernel
{
    /// <summary>Rows and columns of a tile.</summary>
    public const int Rows = 6, Columns = 16;

    /// <summary>C += A B for one tile, A as it lies in memory.</summary>
    /// <param name="a">(6, depth), rows <paramref name="aStride"/> apart.</param>
    /// <param name="aStride">Elements between rows of A.</param>
    /// <param name="b">(depth, 16), packed.</param>
    /// <param name="c">(6, 16), rows <paramref name="cStride"/> apart.</param>
    /// <param name="cStride">Elements between rows of C.</param>
    /// <param name="depth">Length of the sums.</param>
    /// <param name="accumulate">False to overwrite C.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void MultiplyRows(float* a, nint aStride, float* b, float* c, nint cStride, int depth, bool accumulate)
    {
        Prefetch(c, cStride);
        Vector256<float> c00 = default, c01 = default, c10 = default, c11 = default, c20 = default, c21 = default,
            c30 = default, c31 = default, c40 = default, c41 = default, c50 = default, c51 = default;
        var upper = a;
        var lower = a + 3 * aStride;
        for (var end = b + (nint)depth * Columns; b < end; b += Columns, upper++, lower++)
        {
            var b0 = Vector256.Load(b);
            var b1 = Vector256.Load(b + 8);
            var x = Vector256.Create(*upper);
            c00 = Lanes.MultiplyAdd(x, b0, c00);
            c01 = Lanes.MultiplyAdd(x, b1, c01);
            x = Vector256.Create(*(upper + aStride));
            c10 = Lanes.MultiplyAdd(x, b0, c10);
            c11 = Lanes.MultiplyAdd(x, b1, c11);
            x = Vector256.Create(*(upper + 2 * aStride));
            c20 = Lanes.MultiplyAdd(x, b0, c20);
            c21 = Lanes.MultiplyAdd(x, b1, c21);
            x = Vector256.Create(*lower);
            c30 = Lanes.MultiplyAdd(x, b0, c30);
            c31 = Lanes.MultiplyAdd(x, b1, c31);
            x = Vector256.Create(*(lower + aStride));
            c40 = Lanes.MultiplyAdd(x, b0, c40);
            c41 = Lanes.MultiplyAdd(x, b1, c41);
            x = Vector256.Create(*(lower + 2 * aStride));
            c50 = Lanes.MultiplyAdd(x, b0, c50);
            c51 = Lanes.MultiplyAdd(x, b1, c51);
        }
        Put(c, c00, c01, accumulate);
        Put(c + cStride, c10, c11, accumulate);
        Put(c + 2 * cStride, c20, c21, accumulate);
        Put(c + 3 * cStride, c30, c31, accumulate);
        Put(c + 4 * cStride, c40, c41, accumulate);
        Put(c + 5 * cStride, c50, c51, accumulate);
    }

    /// <summary>C += A B for one tile, A packed as (depth, 6).</summary>
    /// <inheritdoc cref="MultiplyRows"/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void MultiplyPacked(float* a, float* b, float* c, nint cStride, int depth, bool accumulate)
    {
        Prefetch(c, cStride);
        Vector256<float> c00 = default, c01 = default, c10 = default, c11 = default, c20 = default, c21 = default,
            c30 = default, c31 = default, c40 = default, c41 = default, c50 = default, c51 = default;
        for (var end = b + (nint)depth * Columns; b < end; b += Columns, a += Rows)
        {
            var b0 = Vector256.Load(b);
            var b1 = Vector256.Load(b + 8);
            var x = Vector256.Create(a[0]);
            c00 = Lanes.MultiplyAdd(x, b0, c00);
            c01 = Lanes.MultiplyAdd(x, b1, c01);
            x = Vector256.Create(a[1]);
            c10 = Lanes.MultiplyAdd(x, b0, c10);
            c11 = Lanes.MultiplyAdd(x, b1, c11);
            x = Vector256.Create(a[2]);
            c20 = Lanes.MultiplyAdd(x, b0, c20);
            c21 = Lanes.MultiplyAdd(x, b1, c21);
            x = Vector256.Create(a[3]);
            c30 = Lanes.MultiplyAdd(x, b0, c30);
            c31 = Lanes.MultiplyAdd(x, b1, c31);
            x = Vector256.Create(a[4]);
            c40 = Lanes.MultiplyAdd(x, b0, c40);
            c41 = Lanes.MultiplyAdd(x, b1, c41);
            x = Vector256.Create(a[5]);
            c50 = Lanes.MultiplyAdd(x, b0, c50);
            c51 = Lanes.MultiplyAdd(x, b1, c51);
        }
        Put(c, c00, c01, accumulate);
        Put(c + cStride, c10, c11, accumulate);
        Put(c + 2 * cStride, c20, c21, accumulate);
        Put(c + 3 * cStride, c30, c31, accumulate);
        Put(c + 4 * cStride, c40, c41, accumulate);
        Put(c + 5 * cStride, c50, c51, accumulate);
    }

    /// <summary>One row of a tile: c += (left, right), or c = (left, right).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Put(float* c, Vector256<float> left, Vector256<float> right, bool accumulate)
    {
        if (accumulate)
        {
            left += Vector256.Load(c);
            right += Vector256.Load(c + 8);
        }
        left.Store(c);
        right.Store(c + 8);
    }

    // The tile's rows lie far apart, so that the processor's own prefetcher does not see them coming.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Prefetch(float* c, nint stride)
    {
        if (!Sse.IsSupported) return;
        Sse.Prefetch0(c);
        Sse.Prefetch0(c + stride);
        Sse.Prefetch0(c + 2 * stride);
        Sse.Prefetch0(c + 3 * stride);
        Sse.Prefetch0(c + 4 * stride);
        Sse.Prefetch0(c + 5 * stride);
    }
}
