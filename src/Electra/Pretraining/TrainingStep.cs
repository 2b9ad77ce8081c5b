using Electra.Model;
using Electra.Objectives;

namespace Electra.Pretraining;

/// <summary>One step's forward and backward passes: the batch in micro-batches, gradients added up in the parameters.</summary>
/// <param name="objective">What is learnt.</param>
/// <param name="seed">Of dropout.</param>
/// <param name="paddingId">The padding token.</param>
sealed class TrainingStep(IPretrainingObjective objective, ulong seed, int paddingId)
{
    /// <summary>Accumulates the gradients of a whole batch.</summary>
    /// <param name="rows">The batch.</param>
    /// <param name="microBatch">Rows that go through the networks at once.</param>
    /// <param name="step">The step, from 0.</param>
    /// <param name="progress">How far the run is, from 0 to 1.</param>
    /// <param name="isInterrupted">Asked between micro-batches.</param>
    /// <returns>The batch's sums, or null if it was interrupted: the gradients are then incomplete.</returns>
    public ObjectiveSums? Accumulate(IReadOnlyList<MaskedExample> rows, int microBatch, long step, double progress, Func<bool> isInterrupted)
    {
        // Losses are divided by the counts of the whole batch, so that micro-batches add up to it.
        var totals = StepTotals.Of(rows, progress);
        var sums = new ObjectiveSums();
        for (var first = 0; first < rows.Count; first += microBatch)
        {
            if (isInterrupted()) return null;
            var places = Enumerable.Range(first, Math.Min(microBatch, rows.Count - first)).ToArray();
            var batch = MaskedBatch.Pad([.. places.Select(place => rows[place])], paddingId);
            objective.Accumulate(batch, totals, new Dropout(seed, step, places), sums);
        }
        return sums;
    }
}
