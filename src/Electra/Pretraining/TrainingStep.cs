using Electra.Model;
using Electra.Objectives;

namespace Electra.Pretraining;

/// <summary>One step's forward and backward passes: the batch in micro-batches, gradients added up in the parameters.</summary>
sealed class TrainingStep(ReplacedTokenDetection objective, PretrainingRecipe recipe, int paddingId)
{
    /// <summary>Accumulates the gradients of a whole batch.</summary>
    /// <param name="rows">The batch.</param>
    /// <param name="step">The step, from 0.</param>
    /// <param name="isInterrupted">Asked between micro-batches.</param>
    /// <returns>The batch's sums, or null if it was interrupted: the gradients are then incomplete.</returns>
    public ReplacedTokenDetectionSums? Accumulate(IReadOnlyList<MaskedExample> rows, long step, Func<bool> isInterrupted)
    {
        // Losses are divided by the counts of the whole batch, so that micro-batches add up to it.
        var numMasked = rows.Sum(row => (long)row.Positions.Length);
        var numTokens = rows.Sum(row => (long)row.Ids.Length);
        var sums = new ReplacedTokenDetectionSums();
        for (var first = 0; first < rows.Count; first += recipe.Batch.MicroBatch)
        {
            if (isInterrupted()) return null;
            var places = Enumerable.Range(first, Math.Min(recipe.Batch.MicroBatch, rows.Count - first)).ToArray();
            var batch = MaskedBatch.Pad([.. places.Select(place => rows[place])], paddingId);
            objective.Accumulate(batch, numMasked, numTokens, new Dropout(recipe.Run.Seed, step, places), sums);
        }
        return sums;
    }

    /// <summary>Floating point operations of matrix products in one step over these rows.</summary>
    public static double Flops(ElectraNetworks networks, IReadOnlyList<MaskedExample> rows)
    {
        var (discriminator, generator) = (networks.Discriminator.Encoder.Config, networks.Generator.Encoder.Config);
        return ForwardFlops.TrainingFactor * rows.Sum(row =>
            ForwardFlops.Encoder(generator, row.Ids.Length) + ForwardFlops.MaskedLanguageModelHead(generator, row.Positions.Length)
            + ForwardFlops.Encoder(discriminator, row.Ids.Length) + ForwardFlops.ReplacedTokenHead(discriminator, row.Ids.Length));
    }
}
