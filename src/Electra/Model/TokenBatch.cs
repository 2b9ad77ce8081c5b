using Electra.Numerics;
using static TorchSharp.torch;

namespace Electra.Model;

// Shapes: B rows, T tokens of the longest row.

/// <summary>
/// Rows of token ids, padded on the right to the longest. Kept as plain arrays, which is what kernels without padding read;
/// the tensors of the plain path are made when first asked for, inside the caller's dispose scope.
/// </summary>
public sealed class TokenBatch
{
    readonly int[] _ids, _tokenTypes, _lengths;

    /// <param name="ids">B * T token ids, row-major, padded with <paramref name="paddingId"/>.</param>
    /// <param name="tokenTypes">B * T token types, 0 on padding.</param>
    /// <param name="lengths">Real tokens of each row.</param>
    /// <param name="paddingId">The padding token.</param>
    /// <exception cref="ArgumentException">The arrays do not fit each other, or a length lies outside the row.</exception>
    public TokenBatch(int[] ids, int[] tokenTypes, int[] lengths, int paddingId)
    {
        if (lengths.Length == 0 || ids.Length % lengths.Length != 0 || tokenTypes.Length != ids.Length)
            throw new ArgumentException($"A batch of {lengths.Length} rows cannot hold {ids.Length} ids and {tokenTypes.Length} token types.");
        (_ids, _tokenTypes, _lengths, PaddingId) = (ids, tokenTypes, lengths, paddingId);
        MaxLength = ids.Length / lengths.Length;
        foreach (var length in lengths)
            if (length < 1 || length > MaxLength) throw new ArgumentException($"A row of {length} tokens does not fit a batch {MaxLength} wide.");
    }

    /// <summary>Pads rows to the longest of them.</summary>
    public static TokenBatch Pad(IReadOnlyList<int[]> rows, IReadOnlyList<int[]>? tokenTypes, int paddingId)
    {
        var width = rows.Max(row => row.Length);
        var ids = new int[rows.Count * width];
        var types = new int[rows.Count * width];
        Array.Fill(ids, paddingId);
        for (var row = 0; row < rows.Count; row++)
        {
            rows[row].CopyTo(ids, row * width);
            tokenTypes?[row].CopyTo(types, row * width);
        }
        return new TokenBatch(ids, types, [.. rows.Select(row => row.Length)], paddingId);
    }

    /// <summary>B.</summary>
    public int NumRows => _lengths.Length;

    /// <summary>T.</summary>
    public int MaxLength { get; }

    /// <summary>The padding token.</summary>
    public int PaddingId { get; }

    /// <summary>Real tokens in all rows.</summary>
    public int NumTokens => _lengths.Sum();

    /// <summary>True if a row is shorter than the longest.</summary>
    public bool HasPadding => NumTokens < _ids.Length;

    /// <summary>B * T ids, row-major.</summary>
    public ReadOnlySpan<int> Ids => _ids;

    /// <summary>B * T token types, row-major.</summary>
    public ReadOnlySpan<int> TokenTypes => _tokenTypes;

    /// <summary>Real tokens of each row.</summary>
    public ReadOnlySpan<int> Lengths => _lengths;

    /// <summary>Places of all real tokens in the flattened batch, rising.</summary>
    public int[] RealPlaces()
    {
        var places = new int[NumTokens];
        for (var (row, next) = (0, 0); row < NumRows; row++)
            for (var t = 0; t < _lengths[row]; t++) places[next++] = row * MaxLength + t;
        return places;
    }

    /// <summary>The same rows with other ids.</summary>
    public TokenBatch WithIds(int[] ids) => new(ids, _tokenTypes, _lengths, PaddingId);

    /// <summary>(B, T) int64 ids.</summary>
    public Tensor IdTensor(Device device) => TensorMemory.Indices(_ids, device, NumRows, MaxLength);

    /// <summary>(B, T) int64 token types.</summary>
    public Tensor TokenTypeTensor(Device device) => TensorMemory.Indices(_tokenTypes, device, NumRows, MaxLength);

    /// <summary>(B, T) int64 rows of the position table. Padding counts on, or takes RoBERTa's padding row where positions are offset.</summary>
    public Tensor PositionTensor(int firstPosition, Device device)
    {
        var positions = new int[_ids.Length];
        for (var row = 0; row < NumRows; row++)
            for (var t = 0; t < MaxLength; t++)
                positions[row * MaxLength + t] = t < _lengths[row] || firstPosition == 0 ? firstPosition + t : firstPosition - 1;
        return TensorMemory.Indices(positions, device, NumRows, MaxLength);
    }

    /// <summary>(B, T) float32, 1 on real tokens.</summary>
    public Tensor MaskTensor(Device device)
    {
        var mask = new float[_ids.Length];
        for (var row = 0; row < NumRows; row++) mask.AsSpan(row * MaxLength, _lengths[row]).Fill(1);
        return TensorMemory.Floats(mask, device, NumRows, MaxLength);
    }
}
