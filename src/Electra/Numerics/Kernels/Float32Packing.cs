using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Electra.Numerics.Kernels;

/// <summary>
/// Copies matrices into the order in which <see cref="Float32MicroKernel"/> reads them. A packed right operand (depth K, columns N) is
/// a sequence of depth blocks of at most <see cref="DepthBlock"/>; each block is a sequence of panels of 16 columns, the last
/// one filled up with zeros.
/// </summary>
static unsafe class Float32Packing
{
    /// <summary>Depth of a block: a panel of 256 x 16 fills half of a 32 KB first-level cache.</summary>
    public const int DepthBlock = 256;

    const int Panel = Float32MicroKernel.Columns, Written = 8;

    /// <summary>Elements of a packed right operand.</summary>
    public static long Length(long depth, long columns) => depth * RoundUp(columns, Panel);

    /// <summary>The next multiple of <paramref name="step"/>.</summary>
    public static long RoundUp(long value, long step) => (value + step - 1) / step * step;

    /// <summary>Packs B (K, N) whose rows run along N.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackRows(float* b, nint stride, int depth, int columns, float* packed)
    {
        for (var first = 0; first < depth; first += DepthBlock)
        {
            var block = Math.Min(DepthBlock, depth - first);
            for (var column = 0; column < columns; column += Panel)
            {
                var source = b + first * stride + column;
                if (columns - column >= Panel)
                {
                    for (var k = 0; k < block; k++, source += stride, packed += Panel)
                    {
                        Vector256.Load(source).Store(packed);
                        Vector256.Load(source + 8).Store(packed + 8);
                    }
                    continue;
                }
                for (var k = 0; k < block; k++, source += stride, packed += Panel)
                    for (var j = 0; j < Panel; j++) packed[j] = column + j < columns ? source[j] : 0;
            }
        }
    }

    /// <summary>Packs columns [firstColumn, endColumn) of B (K, N) that is stored as its transpose, with rows that run along K; the first is a multiple of 16, the last panel is filled up with zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackTransposed(float* b, nint stride, int depth, int columns, float* packedAll, int firstColumn, int endColumn)
    {
        for (var first = 0; first < depth; first += DepthBlock)
        {
            var block = Math.Min(DepthBlock, depth - first);
            var packed = packedAll + first * (nint)RoundUp(columns, Panel) + (nint)firstColumn * block;
            for (var column = firstColumn; column < endColumn; column += Panel, packed += block * Panel)
            {
                var source = b + column * stride + first;
                var k = 0;
                if (Avx.IsSupported && endColumn - column >= Panel)
                {
                    for (; k + 8 <= block; k += 8)
                    {
                        Transpose8x8(source + k, stride, packed + k * Panel, Panel);
                        Transpose8x8(source + k + 8 * stride, stride, packed + k * Panel + 8, Panel);
                    }
                }
                for (; k < block; k++)
                    for (var j = 0; j < Panel; j++) packed[k * Panel + j] = column + j < endColumn ? source[j * stride + k] : 0;
            }
        }
    }

    /// <summary>Elements between the tiles of a packed left operand: no multiple of a cache way, and room for two elements too many.</summary>
    public static nint LeftTile(int depth) => Float32MicroKernel.Rows * depth + 10;

    /// <summary>Packs a left operand that is stored as its transpose: tiles of (depth, 6), <see cref="LeftTile"/> apart.</summary>
    /// <param name="a">(depth, rows): rows of memory run along the product's rows.</param>
    /// <param name="stride">Elements between rows of <paramref name="a"/>.</param>
    /// <param name="rows">How many of the product's rows; the last tile is filled up with zeros.</param>
    /// <param name="depth">Length of the sums.</param>
    /// <param name="packed">The tiles.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackLeft(float* a, nint stride, int rows, int depth, float* packed)
    {
        var tile = LeftTile(depth);
        for (var k = 0; k < depth; k++, a += stride, packed += Float32MicroKernel.Rows)
        {
            // Along a row of memory; eight are written where six belong, and the next row overwrites the two.
            var target = packed;
            var row = 0;
            for (; row + Written <= rows; row += Float32MicroKernel.Rows, target += tile) Vector256.Load(a + row).Store(target);
            for (; row < rows; row += Float32MicroKernel.Rows, target += tile)
            {
                if (row + Float32MicroKernel.Rows == rows && row > 0)
                {
                    // The last six of the row: two before them are read as well, not two behind.
                    Vector256.Shuffle(Vector256.Load(a + row - 2), Vector256.Create(2, 3, 4, 5, 6, 7, 0, 1)).Store(target);
                    continue;
                }
                for (var i = 0; i < Float32MicroKernel.Rows; i++) target[i] = row + i < rows ? a[row + i] : 0;
            }
        }
    }

    /// <summary>Turns eight rows of eight words into their columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Transpose8x8(float* source, nint stride, float* target, nint targetStride)
    {
        // Rows 0-3 and 4-7 of the source meet in the halves of one register, then two rounds of interleaving.
        var r0 = Halves(source, stride);
        var r1 = Halves(source + stride, stride);
        var r2 = Halves(source + 2 * stride, stride);
        var r3 = Halves(source + 3 * stride, stride);
        var s0 = Halves(source + 4, stride);
        var s1 = Halves(source + stride + 4, stride);
        var s2 = Halves(source + 2 * stride + 4, stride);
        var s3 = Halves(source + 3 * stride + 4, stride);
        Interleave(r0, r1, r2, r3, target, targetStride);
        Interleave(s0, s1, s2, s3, target + 4 * targetStride, targetStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<float> Halves(float* row, nint stride) => Vector256.Create(Vector128.Load(row), Vector128.Load(row + 4 * stride));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Interleave(Vector256<float> r0, Vector256<float> r1, Vector256<float> r2, Vector256<float> r3, float* target, nint stride)
    {
        var low01 = Avx.UnpackLow(r0, r1).AsDouble();
        var high01 = Avx.UnpackHigh(r0, r1).AsDouble();
        var low23 = Avx.UnpackLow(r2, r3).AsDouble();
        var high23 = Avx.UnpackHigh(r2, r3).AsDouble();
        Avx.UnpackLow(low01, low23).AsSingle().Store(target);
        Avx.UnpackHigh(low01, low23).AsSingle().Store(target + stride);
        Avx.UnpackLow(high01, high23).AsSingle().Store(target + 2 * stride);
        Avx.UnpackHigh(high01, high23).AsSingle().Store(target + 3 * stride);
    }
}
