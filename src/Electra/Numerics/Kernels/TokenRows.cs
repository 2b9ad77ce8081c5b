namespace Electra.Numerics.Kernels;

/// <summary>
/// Rows of tokens, one after the other without padding: row r is [RowStarts[r], RowStarts[r + 1]). Each row attends to itself alone.
/// </summary>
public sealed class TokenRows
{
    /// <param name="ids">Token ids of all rows.</param>
    /// <param name="types">Token types, as many.</param>
    /// <param name="positions">Positions within the position table, as many.</param>
    /// <param name="rowStarts">Where each row begins, then the number of tokens; no row is empty.</param>
    /// <param name="places">Each row's index within the global batch of the step: the key of its dropout.</param>
    /// <exception cref="ArgumentException">The lengths disagree or a row is empty.</exception>
    public TokenRows(int[] ids, int[] types, int[] positions, int[] rowStarts, long[] places)
    {
        if (types.Length != ids.Length || positions.Length != ids.Length)
            throw new ArgumentException($"{ids.Length} ids, {types.Length} types and {positions.Length} positions must be as many.");
        if (rowStarts.Length != places.Length + 1 || rowStarts[0] != 0 || rowStarts[^1] != ids.Length)
            throw new ArgumentException($"{places.Length} rows of {ids.Length} tokens need {places.Length + 1} starts from 0 to {ids.Length}.", nameof(rowStarts));
        for (var row = 0; row < places.Length; row++)
            if (rowStarts[row + 1] <= rowStarts[row]) throw new ArgumentException($"Row {row} is empty.", nameof(rowStarts));
        (Ids, Types, Positions, RowStarts, Places) = (ids, types, positions, rowStarts, places);
    }

    /// <summary>Token ids of all rows.</summary>
    public int[] Ids { get; }

    /// <summary>Token types of all rows.</summary>
    public int[] Types { get; }

    /// <summary>Positions of all rows.</summary>
    public int[] Positions { get; }

    /// <summary>Where each row begins, then the number of tokens.</summary>
    public int[] RowStarts { get; }

    /// <summary>Each row's index within the global batch of the step.</summary>
    public long[] Places { get; }

    /// <summary>Number of rows.</summary>
    public int NumRows => Places.Length;

    /// <summary>Number of tokens of all rows.</summary>
    public int NumTokens => Ids.Length;

    /// <summary>Divides the rows into consecutive shares of nearly equally many tokens.</summary>
    /// <returns>The first row of each share, then the number of rows. A share may be empty.</returns>
    internal int[] Divide(int shares)
    {
        var bounds = new int[shares + 1];
        for (int share = 1, row = 0; share <= shares; share++)
        {
            // A row goes to the share in which its middle lies.
            var end = (long)NumTokens * share / shares;
            while (row < NumRows && (RowStarts[row] + (long)RowStarts[row + 1]) / 2 < end) row++;
            bounds[share] = share == shares ? NumRows : row;
        }
        return bounds;
    }

    /// <exception cref="ArgumentOutOfRangeException">An id, type, position or row length does not fit the encoder.</exception>
    internal void ValidateFor(EncoderShape shape, bool dropsAttention)
    {
        Check(Ids, shape.VocabularySize, "token id");
        Check(Types, shape.TokenTypes, "token type");
        Check(Positions, shape.MaxPositions, "position");
        if (!dropsAttention) return;
        for (var row = 0; row < NumRows; row++)
            ArgumentOutOfRangeException.ThrowIfGreaterThan(RowStarts[row + 1] - RowStarts[row], Randomness.DropoutMask.MaxTokens, "tokens of a row");

        static void Check(int[] values, int limit, string what)
        {
            foreach (var value in values)
                if ((uint)value >= (uint)limit) throw new ArgumentOutOfRangeException(what, value, $"The encoder has room for {what}s in [0, {limit}).");
        }
    }
}
