namespace Electra.Tokenization;

/// <summary>Texts as rows of equal length, padded behind. Arrays are row by row, ready for (B, T) tensors of int64.</summary>
public sealed class EncodedBatch
{
    /// <param name="rows">The rows before padding.</param>
    /// <param name="length">The length to pad to; no row is longer.</param>
    /// <param name="padding">Id of the padding token.</param>
    /// <exception cref="ArgumentException">A row is longer than <paramref name="length"/>.</exception>
    public EncodedBatch(IReadOnlyList<EncodedText> rows, int length, int padding)
    {
        (Rows, Length) = (rows, length);
        Ids = new long[rows.Count * length];
        AttentionMask = new long[rows.Count * length];
        TokenTypes = new long[rows.Count * length];
        Array.Fill(Ids, padding);
        for (var row = 0; row < rows.Count; row++)
        {
            if (rows[row].Length > length) throw new ArgumentException($"Row {row} has {rows[row].Length} tokens, more than the length {length} of the batch.");
            for (var token = 0; token < rows[row].Length; token++)
            {
                Ids[row * length + token] = rows[row].Ids[token];
                AttentionMask[row * length + token] = 1;
                TokenTypes[row * length + token] = rows[row].TokenTypes[token];
            }
        }
    }

    /// <summary>The rows before padding, with their offsets.</summary>
    public IReadOnlyList<EncodedText> Rows { get; }

    /// <summary>Tokens per row, padding included.</summary>
    public int Length { get; }

    /// <summary>(B x T) token ids.</summary>
    public long[] Ids { get; }

    /// <summary>(B x T) 1 for tokens, 0 for padding.</summary>
    public long[] AttentionMask { get; }

    /// <summary>(B x T) token types, 0 for padding.</summary>
    public long[] TokenTypes { get; }
}
