using Electra.FineTuning.Tasks;
using Electra.Model;
using static TorchSharp.torch;

namespace Electra.FineTuning;

// Shapes: R windows of an example, L labels.

/// <summary>Forward and backward over a batch in parts; gradients add up in the network's parameters.</summary>
/// <param name="network">The network.</param>
/// <param name="objective">Its loss.</param>
/// <param name="microBatch">Rows that go through the network at once, at most.</param>
/// <param name="seed">Of dropout.</param>
sealed class BatchGradient(PretrainedNetwork network, ITaskObjective objective, int microBatch, ulong seed)
{
    /// <summary>Adds a batch's gradients.</summary>
    /// <param name="rows">The batch.</param>
    /// <param name="step">The step, from 0.</param>
    /// <param name="cancellation">Asked between parts.</param>
    /// <returns>The batch's mean loss, 0 if no row has a label; null if it was cancelled: the gradients are then incomplete.</returns>
    public double? Add(IReadOnlyList<EncodedExample> rows, long step, CancellationToken cancellation)
    {
        // Parts are divided by the whole batch's weight, so that they add up to its mean.
        var weight = objective.Weight(rows);
        if (weight == 0) return 0;
        double sum = 0;
        foreach (var (first, end) in PartsOf(rows, microBatch, sharesLabel: objective is SequenceObjective))
        {
            if (cancellation.IsCancellationRequested) return null;
            var part = rows.Skip(first).Take(end - first).ToList();
            if (part.Count > microBatch)
            {
                if (AddByLogits(part, first, weight, step, cancellation) is not { } loss) return null;
                sum += loss;
                continue;
            }
            using var scope = NewDisposeScope();
            var (outputs, batch) = Forward(part, first, step);
            var mean = objective.Loss(outputs, batch, part) / weight;
            mean.backward();
            sum += mean.item<float>();
        }
        return sum;
    }

    /// <summary>
    /// A batch in parts of at most <paramref name="size"/> rows. Windows that share a label stay together: an example that has more of them is a
    /// part of its own.
    /// </summary>
    internal static IEnumerable<(int First, int End)> PartsOf(IReadOnlyList<EncodedExample> rows, int size, bool sharesLabel)
    {
        for (int first = 0, end; first < rows.Count; first = end)
        {
            end = Math.Min(first + size, rows.Count);
            while (end > first && IsInside(end)) end--;
            if (end == first)
                do end++; while (IsInside(end));
            yield return (first, end);
        }

        bool IsInside(int row) => sharesLabel && row < rows.Count && rows[row].Window > 0;
    }

    /// <summary>
    /// An example of more windows than go through the network at once, whose loss needs the logits of all. They come first, without a graph;
    /// then, by the loss's gradient at them, the network's own gradient a part at a time: memory does not grow with the text. Dropout
    /// draws the same both times, so that the gradient is exact.
    /// </summary>
    double? AddByLogits(List<EncodedExample> rows, int place, double weight, long step, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        var seen = new List<Tensor>();
        using (no_grad())
        {
            foreach (var part in rows.Chunk(microBatch))
            {
                if (cancellation.IsCancellationRequested) return null;
                using var partScope = NewDisposeScope();
                seen.Add(Forward(part, place + seen.Count * microBatch, step).Outputs["logits"].MoveToOuterDisposeScope());
            }
        }
        var logits = cat(seen).requires_grad_();                                                  // (R, L)
        var loss = objective.Loss(new Dictionary<string, Tensor> { ["logits"] = logits }, RowScorer.Pad(rows, network.Config.Encoder.PadTokenId), rows) / weight;
        loss.backward();
        var gradient = logits.grad!;                                                              // (R, L), filled by the line before
        for (var first = 0; first < rows.Count; first += microBatch)
        {
            if (cancellation.IsCancellationRequested) return null;
            using var partScope = NewDisposeScope();
            var count = Math.Min(microBatch, rows.Count - first);
            var (outputs, _) = Forward(rows.GetRange(first, count), place + first, step);
            (outputs["logits"] * gradient.narrow(0, first, count)).sum().backward();
        }
        return loss.item<float>();
    }

    (IReadOnlyDictionary<string, Tensor> Outputs, TokenBatch Batch) Forward(IReadOnlyList<EncodedExample> rows, int place, long step)
    {
        var batch = RowScorer.Pad(rows, network.Config.Encoder.PadTokenId);
        return (network.Forward(batch, new Dropout(seed, step, [.. Enumerable.Range(place, rows.Count)])), batch);
    }
}
