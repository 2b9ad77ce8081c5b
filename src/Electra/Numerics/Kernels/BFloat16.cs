using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Electra.Numerics.Kernels;

/// <summary>
/// bfloat16 activations, the upper half of a float32, multiplied by <see cref="BFloat16Product"/>. A packed right operand is a sequence of
/// panels of <see cref="Panel"/> columns; a panel holds two rows of B side by side, (K / 2, columns, 2), filled up with zeros.
/// </summary>
readonly unsafe struct BFloat16 : IElement<BFloat16>
{
    /// <summary>Columns of a panel: with a depth of 256 it fills the first-level cache.</summary>
    public const int Panel = 64;

    /// <summary>Rows that pass through a panel while it stays there.</summary>
    const int Rows = 128;

    /// <summary>Depths and heights are rounded up to this, so that rows of all lengths need few kernels, which are compiled per shape.</summary>
    public const int Step = 16;

    /// <summary>Depth of one product of a weight gradient: panel and result stay in the second-level cache.</summary>
    const int DepthBlock = 512;

    readonly ushort _bits;

    BFloat16(ushort bits) => _bits = bits;

    public static int RowBlock => Rows;

    public static int RowStep => Step;

    public static int PackingStep => Panel;

    public static int ColumnBlock(int columns) => Math.Min(Panel, columns);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(BFloat16* source)
    {
        var bits = Vector256.Load((ushort*)source);
        var wide = Avx512F.IsSupported
            ? Avx512F.ConvertToVector512UInt32(bits)
            : Vector512.Create(Vector256.WidenLower(bits), Vector256.WidenUpper(bits));
        return (wide << 16).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> values, BFloat16* target) => Narrow(Round(values.AsUInt32()) >>> 16).Store((ushort*)target);

    public static float ToSingle(BFloat16 value) => BitConverter.UInt32BitsToSingle((uint)value._bits << 16);

    public static BFloat16 FromSingle(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return new((ushort)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16));
    }

    public static long PackedLength(long depth, long columns) => Float32Packing.RoundUp(depth, Step) * columns;

    public static nint PackedOffset(int column, int depth) => (nint)column * (int)Float32Packing.RoundUp(depth, Step);

    public static void PackRows(BFloat16* b, nint stride, int depth, int columns, BFloat16* packed, int first, int end) =>
        BFloat16Packing.PackRows((ushort*)b, stride, depth, columns, (uint*)packed, first, end);

    public static void PackTransposed(BFloat16* b, nint stride, int depth, int columns, BFloat16* packed, int first, int end) =>
        BFloat16Packing.PackTransposed((ushort*)b, stride, depth, columns, (uint*)packed, first, end);

    public static void Multiply(BFloat16* a, nint aStride, BFloat16* packed, float* c, nint cStride, int rows, int columns, int depth, bool accumulate)
    {
        var (wholeRows, wholeDepth) = ((int)Float32Packing.RoundUp(rows, Step), (int)Float32Packing.RoundUp(depth, Step));
        for (var row = 0; row < wholeRows; row += Rows)
        {
            var height = Math.Min(Rows, wholeRows - row);
            for (var column = 0; column < columns; column += Panel)
                BFloat16Product.Multiply(
                    height, Math.Min(Panel, columns - column), wholeDepth, (ushort*)a + row * aStride, aStride,
                    (ushort*)packed + PackedOffset(column, depth), c + row * cStride + column, cStride, accumulate);
        }
    }

    // Rows of the transposed operand are a cache line longer than the depth: equal distances of a power of two compete for few lines.
    public static long LeftScratch(int depth) => Rows * LeftStride(depth);

    public static void MultiplyTransposed(
        BFloat16* a, nint aStride, BFloat16* packed, float* c, nint cStride, int rows, int columns, int depth, bool accumulate, BFloat16* scratch)
    {
        var (stride, wholeDepth) = (LeftStride(depth), (int)Float32Packing.RoundUp(depth, Step));
        for (var row = 0; row < rows; row += Rows)
        {
            var height = Math.Min(Rows, rows - row);
            BFloat16Packing.Transpose((ushort*)a + row, aStride, depth, height, (ushort*)scratch, stride);
            for (var column = 0; column < columns; column += Panel)
            {
                var width = Math.Min(Panel, columns - column);
                var panel = (ushort*)packed + PackedOffset(column, depth);
                for (var k = 0; k < wholeDepth; k += DepthBlock)
                    BFloat16Product.Multiply(
                        height, width, Math.Min(DepthBlock, wholeDepth - k), (ushort*)scratch + k, stride,
                        panel + (nint)k * width, c + row * cStride + column, cStride, accumulate || k > 0);
            }
        }
    }

    public static void Release() => BFloat16Product.Release();

    /// <summary>Numbers whose upper halves are the nearest bfloat16; halfway cases go to the even one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Round(Vector512<uint> bits) => bits + Vector512.Create(0x7fffu) + ((bits >>> 16) & Vector512<uint>.One);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<ushort> Narrow(Vector512<uint> values) =>
        Avx512F.IsSupported ? Avx512F.ConvertToVector256UInt16(values) : Vector256.Narrow(values.GetLower(), values.GetUpper());

    static int LeftStride(int depth) => (int)Float32Packing.RoundUp(depth, Step) + 32;
}
