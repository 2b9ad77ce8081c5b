using System.Runtime.Intrinsics;

namespace Electra.Numerics.Kernels;

/// <summary>
/// Single-threaded float32 matrix products with a packed right operand (<see cref="Float32Packing"/>). The sums are taken in an order
/// that depends on the shapes alone, so that equal inputs give equal bits.
/// </summary>
// Shapes: M rows, N columns, K depth.
static unsafe class Float32Gemm
{
    /// <summary>Rows that pass through all columns before the next rows begin: with their results they stay in the second-level cache.</summary>
    public const int RowBlock = 192;

    const int TileRows = Float32MicroKernel.Rows, Panel = Float32MicroKernel.Columns;

    /// <summary>Scratch elements <see cref="MultiplyTransposed"/> needs for its left operand.</summary>
    public static readonly int LeftScratch = (RowBlock / TileRows) * (int)Float32Packing.LeftTile(Float32Packing.DepthBlock);

    /// <summary>C (M, N) = A (M, K) B, or C += A B.</summary>
    /// <param name="a">(M, K), rows <paramref name="aStride"/> apart.</param>
    /// <param name="packed">B (K, N), packed.</param>
    /// <param name="c">(M, N), rows <paramref name="cStride"/> apart.</param>
    /// <param name="accumulate">True to add to C.</param>
    public static void Multiply(
        float* a, nint aStride, float* packed, float* c, nint cStride, int rows, int columns, int depth, bool accumulate)
    {
        for (var first = 0; first < rows; first += RowBlock)
            MultiplyBlock(a + first * aStride, aStride, packed, c + first * cStride, cStride, Math.Min(RowBlock, rows - first), columns, depth, accumulate);
    }

    /// <summary>C (M, N) = A^T B, or C += A^T B, with A stored as (K, M): the weight gradient.</summary>
    /// <param name="a">(K, M), rows <paramref name="aStride"/> apart.</param>
    /// <param name="packed">B (K, N), packed.</param>
    /// <param name="c">(M, N), rows <paramref name="cStride"/> apart.</param>
    /// <param name="accumulate">True to add to C.</param>
    /// <param name="scratch"><see cref="LeftScratch"/> elements.</param>
    public static void MultiplyTransposed(
        float* a, nint aStride, float* packed, float* c, nint cStride, int rows, int columns, int depth, bool accumulate, float* scratch)
    {
        var paddedColumns = (nint)Float32Packing.RoundUp(columns, Panel);
        for (var k = 0; k < depth; k += Float32Packing.DepthBlock)
        {
            var block = Math.Min(Float32Packing.DepthBlock, depth - k);
            for (var first = 0; first < rows; first += RowBlock)
            {
                var count = Math.Min(RowBlock, rows - first);
                Float32Packing.PackLeft(a + k * aStride + first, aStride, count, block, scratch);
                MultiplyPackedBlock(scratch, packed + k * paddedColumns, c + first * cStride, cStride, count, columns, block, accumulate || k > 0);
            }
        }
    }

    static void MultiplyBlock(
        float* a, nint aStride, float* packed, float* c, nint cStride, int rows, int columns, int depth, bool accumulate)
    {
        var edge = stackalloc float[TileRows * Panel];
        var fewRows = stackalloc float[TileRows * Float32Packing.DepthBlock];
        var whole = rows - rows % TileRows;
        for (var k = 0; k < depth; k += Float32Packing.DepthBlock)
        {
            var block = Math.Min(Float32Packing.DepthBlock, depth - k);
            var add = accumulate || k > 0;
            if (rows < TileRows) CopyFewRows(a + k, aStride, rows, block, fewRows);
            for (var column = 0; column < columns; column += Panel, packed += block * Panel)
            {
                var width = Math.Min(Panel, columns - column);
                for (var row = 0; row < whole; row += TileRows)
                {
                    var target = c + row * cStride + column;
                    if (width == Panel)
                    {
                        Float32MicroKernel.MultiplyRows(a + row * aStride + k, aStride, packed, target, cStride, block, add);
                        continue;
                    }
                    Float32MicroKernel.MultiplyRows(a + row * aStride + k, aStride, packed, edge, Panel, block, false);
                    PutEdge(edge, target, cStride, TileRows, width, add);
                }
                if (whole == rows) continue;

                // The last rows are a tile with rows before them that are done already.
                if (whole > 0) Float32MicroKernel.MultiplyRows(a + (rows - TileRows) * aStride + k, aStride, packed, edge, Panel, block, false);
                else Float32MicroKernel.MultiplyPacked(fewRows, packed, edge, Panel, block, false);
                var firstNew = whole > 0 ? TileRows - (rows - whole) : 0;
                PutEdge(edge + firstNew * Panel, c + whole * cStride + column, cStride, rows - whole, width, add);
            }
        }
    }

    static void MultiplyPackedBlock(float* a, float* packed, float* c, nint cStride, int rows, int columns, int depth, bool accumulate)
    {
        var edge = stackalloc float[TileRows * Panel];
        var tile = Float32Packing.LeftTile(depth);
        for (var column = 0; column < columns; column += Panel, packed += depth * Panel)
        {
            var width = Math.Min(Panel, columns - column);
            var left = a;
            for (var row = 0; row < rows; row += TileRows, left += tile)
            {
                var target = c + row * cStride + column;
                var height = Math.Min(TileRows, rows - row);
                if (height == TileRows && width == Panel)
                {
                    Float32MicroKernel.MultiplyPacked(left, packed, target, cStride, depth, accumulate);
                    continue;
                }
                Float32MicroKernel.MultiplyPacked(left, packed, edge, Panel, depth, false);
                PutEdge(edge, target, cStride, height, width, accumulate);
            }
        }
    }

    // (rows, depth) to (depth, 6), zeros where there is no row.
    static void CopyFewRows(float* a, nint stride, int rows, int depth, float* packed)
    {
        for (var k = 0; k < depth; k++)
            for (var i = 0; i < TileRows; i++) packed[k * TileRows + i] = i < rows ? a[i * stride + k] : 0;
    }

    static void PutEdge(float* edge, float* c, nint cStride, int height, int width, bool accumulate)
    {
        for (var i = 0; i < height; i++, edge += Panel, c += cStride)
        {
            if (width == Panel) Float32MicroKernel.Put(c, Vector256.Load(edge), Vector256.Load(edge + Panel / 2), accumulate);
            else for (var j = 0; j < width; j++) c[j] = accumulate ? c[j] + edge[j] : edge[j];
        }
    }
}
