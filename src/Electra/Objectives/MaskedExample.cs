using Electra.Model;

namespace Electra.Objectives;

/// <summary>One row of a batch with its mask drawn: plain arrays, made ahead of the step and the same on every path.</summary>
/// <param name="Ids">Original tokens with [CLS] and [SEP].</param>
/// <param name="TokenTypes">0 for the first segment, 1 for the second.</param>
/// <param name="Positions">Chosen positions, rising.</param>
/// <param name="MaskedIds">The row as the masked language model sees it.</param>
/// <param name="Draws">A uniform number in [0, 1) for each chosen position, which picks the replacement.</param>
public sealed record MaskedExample(int[] Ids, int[] TokenTypes, int[] Positions, int[] MaskedIds, double[] Draws);

/// <summary>Rows that go through the networks together: a whole batch, or the micro-batch that memory allows.</summary>
public sealed class MaskedBatch
{
    /// <param name="examples">The rows.</param>
    /// <param name="paddingId">The padding token.</param>
    public MaskedBatch(IReadOnlyList<MaskedExample> examples, int paddingId)
    {
        var types = examples.Select(example => example.TokenTypes).ToList();
        Original = TokenBatch.Pad([.. examples.Select(example => example.Ids)], types, paddingId);
        Masked = TokenBatch.Pad([.. examples.Select(example => example.MaskedIds)], types, paddingId);
        Positions = [.. examples.SelectMany((example, row) => example.Positions.Select(position => row * Original.MaxLength + position))];
        Draws = [.. examples.SelectMany(example => example.Draws)];
        var original = Original;
        Targets = [.. Positions.Select(position => original.Ids[position])];
    }

    /// <summary>The text as it is.</summary>
    public TokenBatch Original { get; }

    /// <summary>The text with some tokens hidden.</summary>
    public TokenBatch Masked { get; }

    /// <summary>(M) chosen places in the flattened batch, rising.</summary>
    public int[] Positions { get; }

    /// <summary>(M) original tokens at these places.</summary>
    public int[] Targets { get; }

    /// <summary>(M) uniform numbers in [0, 1).</summary>
    public double[] Draws { get; }
}
