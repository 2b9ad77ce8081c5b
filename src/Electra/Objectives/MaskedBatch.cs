using Electra.Model;

namespace Electra.Objectives;

/// <summary>Rows that go through the networks together: a whole batch, or the micro-batch that memory allows.</summary>
/// <param name="Original">The text as it is.</param>
/// <param name="Masked">The text with some tokens hidden.</param>
/// <param name="Positions">(M) chosen places in the flattened batch, rising.</param>
/// <param name="Draws">(M) uniform numbers in [0, 1) that pick the replacements.</param>
public sealed record MaskedBatch(TokenBatch Original, TokenBatch Masked, int[] Positions, double[] Draws)
{
    /// <summary>(M) original tokens at the chosen places.</summary>
    public int[] Targets { get; } = [.. Positions.Select(position => Original.Ids[position])];

    /// <summary>(M) replacements to take in place of drawn ones, or null: for comparison with a record or another path.</summary>
    public int[]? Replacements { get; init; }

    /// <summary>(B) true where the second part of a pair follows the first in the text; empty for rows that are no pairs.</summary>
    public IReadOnlyList<bool> IsNextSentence { get; init; } = [];

    /// <summary>Pads rows to the longest of them.</summary>
    public static MaskedBatch Pad(IReadOnlyList<MaskedExample> examples, int paddingId)
    {
        var types = examples.Select(example => Enumerable.Range(0, example.Ids.Length).Select(i => i < example.SecondSegmentStart ? 0 : 1).ToArray()).ToList();
        var original = TokenBatch.Pad([.. examples.Select(example => example.Ids)], types, paddingId);
        int[] positions = [.. examples.SelectMany((example, row) => example.Positions.Select(position => row * original.MaxLength + position))];

        var masked = original.Ids.ToArray();
        foreach (var (position, shown) in positions.Zip(examples.SelectMany(example => example.Shown))) masked[position] = shown;
        return new MaskedBatch(original, original.WithIds(masked), positions, [.. examples.SelectMany(example => example.Draws)])
        {
            IsNextSentence = [.. examples.Select(example => example.IsNextSentence).OfType<bool>()],
        };
    }
}
