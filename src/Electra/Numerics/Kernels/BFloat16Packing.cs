using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Electra.Numerics.Kernels;

/// <summary>Copies bfloat16 matrices into the order of <see cref="BFloat16"/>'s products. A pair is a number of an even row below one of an odd row.</summary>
static unsafe class BFloat16Packing
{
    const int Panel = BFloat16.Panel, Wide = 16, Tile = 8;

    /// <summary>Packs rows [first, end) of B (K, N); first is even. The share that ends at K fills up the depth with zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackRows(ushort* b, nint stride, int depth, int columns, uint* packed, int first, int end)
    {
        var wholeDepth = (int)Float32Packing.RoundUp(depth, BFloat16.Step);
        if (end == depth) end = wholeDepth;
        for (var column = 0; column < columns; column += Panel)
        {
            var width = Math.Min(Panel, columns - column);
            var target = packed + ((nint)column * wholeDepth + (nint)first * width) / 2;
            for (var k = first; k < end; k += 2, target += width)
            {
                var upper = b + k * stride + column;
                if (k + 1 < depth) PackPair(upper, upper + stride, width, target);
                else for (var j = 0; j < width; j++) target[j] = k < depth ? upper[j] : 0u;
            }
        }
    }

    /// <summary>Packs columns [first, end) of B (K, N), stored as (N, K); first is a multiple of a panel, the last panel is filled up with zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackTransposed(ushort* b, nint stride, int depth, int columns, uint* packed, int first, int end)
    {
        var pairs = (int)Float32Packing.RoundUp(depth, BFloat16.Step) / 2;
        for (var column = first; column < end; column += Panel)
        {
            var width = Math.Min(Panel, columns - column);
            var target = packed + (nint)column * pairs;
            var j = 0;
            // Pairs along the depth are 32-bit words already; only their order changes.
            for (; Avx512F.IsSupported && j + Wide <= Math.Min(width, end - column) && depth % (2 * Wide) == 0; j += Wide)
                for (var k = 0; k < pairs; k += Wide)
                    WordTranspose.Square(new WordRows((uint*)(b + (column + j) * stride + 2 * k), stride), target + (nint)k * width + j, width);
            for (; j + Tile <= Math.Min(width, end - column) && depth % (2 * Tile) == 0; j += Tile)
                for (var k = 0; k < pairs; k += Tile) TransposeWords(b + (column + j) * stride + 2 * k, stride, target + (nint)k * width + j, width);
            for (; j < width; j++)
            {
                var source = b + (column + j) * stride;
                var known = column + j < end ? depth : 0;
                for (var k = 0; k < pairs; k++) target[(nint)k * width + j] = At(source, 2 * k, known) | At(source, 2 * k + 1, known) << 16;
            }
        }
    }

    /// <summary>target (columns, K) = source (K, columns) transposed, the depth filled up with zeros to a whole step, or to two.</summary>
    /// <param name="targetStride">At least the depth and 32 more.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Transpose(ushort* source, nint sourceStride, int depth, int columns, ushort* target, nint targetStride)
    {
        var wholeDepth = (int)Float32Packing.RoundUp(depth, BFloat16.Step);
        var wide = Avx512F.IsSupported ? columns / Wide * Wide : 0;
        for (var j = 0; j < wide; j += Wide)
        {
            var k = 0;
            for (; k + 2 * Wide <= depth; k += 2 * Wide)
                WordTranspose.Square(new PairedRows(source + k * sourceStride + j, sourceStride), (uint*)(target + j * targetStride + k), targetStride / 2);
            if (k < depth)
                WordTranspose.Square(new LastRows(source + k * sourceStride + j, sourceStride, depth - k), (uint*)(target + j * targetStride + k), targetStride / 2);
        }
        for (var j = wide; j < columns; j++)
            for (var k = 0; k < wholeDepth; k++) target[j * targetStride + k] = k < depth ? source[k * sourceStride + j] : (ushort)0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void PackPair(ushort* even, ushort* odd, int width, uint* target)
    {
        var j = 0;
        for (; j + Wide <= width; j += Wide)
            (WidenAll(Vector256.Load(even + j)) | WidenAll(Vector256.Load(odd + j)) << 16).Store(target + j);
        for (; j < width; j++) target[j] = even[j] | (uint)odd[j] << 16;
    }

    // Eight rows of eight words.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void TransposeWords(ushort* source, nint stride, uint* target, int targetStride)
    {
        if (stride % 2 == 0 && Avx.IsSupported)
        {
            Float32Packing.Transpose8x8((float*)source, stride / 2, (float*)target, targetStride);
            return;
        }
        for (var i = 0; i < Tile; i++)
            for (var k = 0; k < Tile; k++) target[k * targetStride + i] = *(uint*)(source + i * stride + 2 * k);
    }

    static uint At(ushort* row, int k, int depth) => k < depth ? row[k] : 0u;

    // Sixteen words of each of sixteen rows; the stride counts bfloat16 numbers, so that an odd one is allowed.
    readonly struct WordRows(uint* start, nint stride) : IWordRows
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector512<uint> Row(int index) => Vector512.Load((uint*)((ushort*)start + index * stride));
    }

    // Sixteen pairs of each of sixteen times two rows.
    readonly struct PairedRows(ushort* start, nint stride) : IWordRows
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector512<uint> Row(int index)
        {
            var even = start + 2 * index * stride;
            return WidenAll(Vector256.Load(even)) | WidenAll(Vector256.Load(even + stride)) << 16;
        }
    }

    // Fewer pairs, the last perhaps of one row, and zeros behind them.
    readonly struct LastRows(ushort* start, nint stride, int rows) : IWordRows
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector512<uint> Row(int index)
        {
            if (2 * index >= rows) return Vector512<uint>.Zero;
            var even = start + 2 * index * stride;
            var words = WidenAll(Vector256.Load(even));
            return 2 * index + 1 < rows ? words | WidenAll(Vector256.Load(even + stride)) << 16 : words;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector512<uint> WidenAll(Vector256<ushort> bits) =>
        Avx512F.IsSupported ? Avx512F.ConvertToVector512UInt32(bits) : Vector512.Create(Vector256.WidenLower(bits), Vector256.WidenUpper(bits));
}
