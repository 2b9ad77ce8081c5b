using System.Runtime.Intrinsics;

namespace Electra.Numerics.Kernels;

/// <summary>
/// The number format of stored activations and of the products' operands. Every kernel is written once over it: arithmetic happens in
/// sixteen float32 lanes, sums and products' results are float32.
/// </summary>
// Shapes of products: M rows, N columns, K depth.
unsafe interface IElement<TSelf> where TSelf : unmanaged, IElement<TSelf>
{
    /// <summary>Sixteen numbers.</summary>
    static abstract Vector512<float> Load(TSelf* source);

    /// <summary>Sixteen numbers, rounded to nearest.</summary>
    static abstract void Store(Vector512<float> values, TSelf* target);

    /// <summary>One number.</summary>
    static abstract float ToSingle(TSelf value);

    /// <summary>One number, rounded to nearest.</summary>
    static abstract TSelf FromSingle(float value);

    /// <summary>Rows of a product that are finished together; a multiple of <see cref="RowStep"/>.</summary>
    static abstract int RowBlock { get; }

    /// <summary>Columns of a product that are finished together, where a row's columns do not depend on each other.</summary>
    static abstract int ColumnBlock(int columns);

    /// <summary>A product reads and writes rows up to the next multiple of this.</summary>
    static abstract int RowStep { get; }

    /// <summary>Rows and columns of a matrix are packed in shares that begin at multiples of this.</summary>
    static abstract int PackingStep { get; }

    /// <summary>Elements of a packed right operand.</summary>
    static abstract long PackedLength(long depth, long columns);

    /// <summary>Where the columns from a multiple of <see cref="ColumnBlock"/> on begin in a packed operand.</summary>
    static abstract nint PackedOffset(int column, int depth);

    /// <summary>Packs rows [first, end) of B (K, N) whose rows run along N. The share that ends at K fills up the depth with zeros.</summary>
    static abstract void PackRows(TSelf* b, nint stride, int depth, int columns, TSelf* packed, int first, int end);

    /// <summary>Packs columns [first, end) of B (K, N) that is stored as its transpose, with rows that run along K. The last panel is filled up with zeros.</summary>
    static abstract void PackTransposed(TSelf* b, nint stride, int depth, int columns, TSelf* packed, int first, int end);

    /// <summary>C (M, N) = A (M, K) B, or C += A B.</summary>
    /// <param name="a">(M, K), rows <paramref name="aStride"/> apart; columns up to the next multiple of 16 may be read, meet zeros and must be finite.</param>
    /// <param name="packed">B, or its columns from a column block on.</param>
    /// <param name="c">(M, N), rows <paramref name="cStride"/> apart.</param>
    static abstract void Multiply(TSelf* a, nint aStride, TSelf* packed, float* c, nint cStride, int rows, int columns, int depth, bool accumulate);

    /// <summary>Scratch elements <see cref="MultiplyTransposed"/> needs for a left operand of this depth.</summary>
    static abstract long LeftScratch(int depth);

    /// <summary>C (M, N) = A^T B, or C += A^T B, with A stored as (K, M).</summary>
    static abstract void MultiplyTransposed(
        TSelf* a, nint aStride, TSelf* packed, float* c, nint cStride, int rows, int columns, int depth, bool accumulate, TSelf* scratch);

    /// <summary>Gives back what products hold of the processor; each thread calls it when it has done its products.</summary>
    static abstract void Release();
}
