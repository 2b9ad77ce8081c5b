using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Electra.Numerics.Kernels;

/// <summary>float32 activations, multiplied by <see cref="Float32Gemm"/>: the reference, and what a processor without bfloat16 takes.</summary>
readonly unsafe struct Float32 : IElement<Float32>
{
    readonly float _value;

    Float32(float value) => _value = value;

    public static int RowBlock => Float32Gemm.RowBlock;

    public static int RowStep => 1;

    public static int PackingStep => Float32Packing.DepthBlock;

    public static int ColumnBlock(int columns) => columns;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(Float32* source) => Vector512.Load((float*)source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> values, Float32* target) => values.Store((float*)target);

    public static float ToSingle(Float32 value) => value._value;

    public static Float32 FromSingle(float value) => new(value);

    public static long PackedLength(long depth, long columns) => Float32Packing.Length(depth, columns);

    public static nint PackedOffset(int column, int depth) => 0;

    public static void PackRows(Float32* b, nint stride, int depth, int columns, Float32* packed, int first, int end) =>
        Float32Packing.PackRows((float*)b + first * stride, stride, end - first, columns, (float*)packed + first * (nint)Float32Packing.RoundUp(columns, Float32MicroKernel.Columns));

    public static void PackTransposed(Float32* b, nint stride, int depth, int columns, Float32* packed, int first, int end) =>
        Float32Packing.PackTransposed((float*)b, stride, depth, columns, (float*)packed, first, end);

    public static void Multiply(Float32* a, nint aStride, Float32* packed, float* c, nint cStride, int rows, int columns, int depth, bool accumulate) =>
        Float32Gemm.Multiply((float*)a, aStride, (float*)packed, c, cStride, rows, columns, depth, accumulate);

    public static long LeftScratch(int depth) => Float32Gemm.LeftScratch;

    public static void MultiplyTransposed(
        Float32* a, nint aStride, Float32* packed, float* c, nint cStride, int rows, int columns, int depth, bool accumulate, Float32* scratch) =>
        Float32Gemm.MultiplyTransposed((float*)a, aStride, (float*)packed, c, cStride, rows, columns, depth, accumulate, (float*)scratch);

    public static void Release() { }
}
