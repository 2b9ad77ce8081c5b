using Electra.Randomness;

namespace Electra.Numerics.Kernels;

/// <summary>One worker's rows in one pass, and what is dropped of them.</summary>
/// <param name="Tokens">All rows of the pass.</param>
/// <param name="First">The first that is the worker's.</param>
/// <param name="End">The first after them.</param>
/// <param name="Dropout">Of the pass.</param>
readonly record struct RowShare(TokenRows Tokens, int First, int End, EncoderDropout Dropout)
{
    /// <summary>Tokens of the share; none before the first pass.</summary>
    public int NumTokens => Tokens is null ? 0 : Tokens.RowStarts[End] - Tokens.RowStarts[First];

    /// <summary>Tokens of its longest row.</summary>
    public int LongestRow
    {
        get
        {
            var longest = 0;
            for (var row = First; row < End; row++) longest = Math.Max(longest, Place(row).Tokens);
            return longest;
        }
    }

    /// <summary>Where a row begins within the share, and its tokens.</summary>
    public (int Start, int Tokens) Place(int row) => (Tokens.RowStarts[row] - Tokens.RowStarts[First], Tokens.RowStarts[row + 1] - Tokens.RowStarts[row]);

    /// <summary>The share's part of what all tokens have.</summary>
    public ReadOnlySpan<int> Of(int[] all) => all.AsSpan(Tokens.RowStarts[First], NumTokens);

    /// <summary>The key of a row's dropout at one site.</summary>
    public uint Key(int row, int layer, DropoutSublayer sublayer) => Dropout.Key(Tokens.Places[row], layer, sublayer);
}
