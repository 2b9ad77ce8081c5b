namespace Electra.Numerics.Kernels;

/// <summary>What becomes of a part of a product while it is in the cache: it exists nowhere else.</summary>
unsafe interface IProductEpilogue
{
    /// <summary>True where a row must be complete before it is finished.</summary>
    static abstract bool TakesWholeRows { get; }

    /// <summary>Fetches what <see cref="Finish"/> will touch, before the product is computed.</summary>
    void Prepare(int firstRow, int rows, int firstColumn, int columns);

    /// <summary>Finishes rows [firstRow, firstRow + rows) and columns [firstColumn, firstColumn + columns).</summary>
    /// <param name="block">(rows, columns), rows <paramref name="stride"/> apart; may be overwritten.</param>
    void Finish(float* block, nint stride, int firstRow, int rows, int firstColumn, int columns);
}
