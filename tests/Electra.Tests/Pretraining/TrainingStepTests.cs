using Electra.Model;
using Electra.Numerics;
using Electra.Objectives;
using Electra.Pretraining;

namespace Electra.Tests.Pretraining;

public sealed class TrainingStepTests
{
    /// <summary>Learns nothing and takes note of what it is given.</summary>
    sealed class Counter : IPretrainingObjective
    {
        public List<(int Rows, StepTotals Totals)> Calls { get; } = [];

        public ParameterBuffer Parameters => throw new NotSupportedException();

        public IReadOnlyList<ObjectiveNetwork> Networks => [];

        public Precision? KernelPrecision => null;

        public TrainingCost Cost => new([]);

        public StagnationSign Stagnation => new("loss", 0, "");

        public void Accumulate(MaskedBatch batch, StepTotals totals, Dropout? dropout, ObjectiveSums sums)
        {
            Calls.Add((batch.Original.NumRows, totals));
            sums.NumTokens += batch.Original.NumTokens;
        }

        public void Dispose() { }
    }

    static List<MaskedExample> Rows(int count) => [.. Enumerable.Range(0, count).Select(_ => new MaskedExample([2, 7, 8, 3], 4, [1], [5], [0.5]))];

    [Fact]
    public void A_step_of_8192_sequences_goes_through_the_networks_64_at_a_time()
    {
        using var objective = new Counter();
        var sums = new TrainingStep(objective, seed: 1, paddingId: 0).Accumulate(Rows(8192), microBatch: 64, step: 0, progress: 0.5, () => false);

        Assert.Equal(Enumerable.Repeat(64, 128), objective.Calls.Select(call => call.Rows));
        // Every part is divided by the counts of the whole step.
        Assert.All(objective.Calls, call => Assert.Equal(new StepTotals(8192, 4 * 8192, 8192, 0.5), call.Totals));
        Assert.Equal(4 * 8192, sums!.NumTokens);
    }

    [Fact]
    public void An_interruption_between_micro_batches_leaves_no_sums()
    {
        using var objective = new Counter();

        Assert.Null(new TrainingStep(objective, seed: 1, paddingId: 0).Accumulate(Rows(10), microBatch: 4, step: 0, progress: 0, () => objective.Calls.Count == 2));
        Assert.Equal([4, 4], objective.Calls.Select(call => call.Rows));
    }
}
