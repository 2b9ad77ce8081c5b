using Electra.FineTuning.Tasks;
using Electra.Model;
using Electra.Numerics;
using static TorchSharp.torch;

namespace Electra.FineTuning;

// Shapes: R rows (windows), N examples, L labels.

/// <summary>A class, a number or several labels for a whole text; the logits of a long text's windows become one before the loss is taken.</summary>
sealed class SequenceObjective(TaskKind kind, ClassLoss classLoss, WindowMerge merge) : ITaskObjective
{
    public double Weight(IReadOnlyList<EncodedExample> rows)
    {
        double sum = 0;
        foreach (var row in rows)
            if (row.Window == 0) sum += kind is TaskKind.Regression or TaskKind.MultiLabel ? 1 : classLoss.WeightOf(row.Class);
        return sum;
    }

    public Tensor Loss(IReadOnlyDictionary<string, Tensor> outputs, TokenBatch batch, IReadOnlyList<EncodedExample> rows)
    {
        using var scope = NewDisposeScope();
        var examples = rows.Where(row => row.Window == 0).ToList();
        var logits = Merge(outputs["logits"], rows);                                              // (N, L)
        var loss = kind switch
        {
            TaskKind.Regression => (logits.squeeze(-1) - Targets(examples, logits).squeeze(-1)).square().sum(),
            TaskKind.MultiLabel => MultiLabel(logits, Targets(examples, logits)),
            _ => classLoss.Sum(logits, [.. examples.Select(example => example.Class)]),
        };
        return loss.MoveToOuterDisposeScope();
    }

    public IReadOnlyList<WindowScores> Read(IReadOnlyDictionary<string, Tensor> outputs, TokenBatch batch, IReadOnlyList<EncodedExample> rows)
    {
        var logits = TensorMemory.ToFloats(outputs["logits"]);
        var width = logits.Length / rows.Count;
        return [.. Enumerable.Range(0, rows.Count).Select(row => new WindowScores(logits.AsSpan(row * width, width).ToArray()))];
    }

    /// <summary>The mean over labels of each example's binary cross entropy, summed over examples.</summary>
    Tensor MultiLabel(Tensor logits, Tensor targets)
    {
        var smoothed = targets * (1 - classLoss.Smoothing) + classLoss.Smoothing / 2;
        // A weight counts where the label is there.
        var weight = classLoss.Weights is { } weights ? 1 + targets * (TensorMemory.Floats(weights, logits.device, weights.Length) - 1) : null;   // (N, L)
        return nn.functional.binary_cross_entropy_with_logits(logits, smoothed, weight: weight) * logits.shape[0];
    }

    /// <summary>(N, L) of (R, L): the windows of each example, which stand together.</summary>
    Tensor Merge(Tensor logits, IReadOnlyList<EncodedExample> rows)
    {
        if (rows.All(row => row.Window == 0)) return logits;
        var merged = new List<Tensor>();
        for (int first = 0, end; first < rows.Count; first = end)
        {
            for (end = first + 1; end < rows.Count && rows[end].Window > 0; end++) { }
            var windows = logits.narrow(0, first, end - first);
            merged.Add(merge == WindowMerge.Mean ? windows.mean([0]) : windows.amax([0]));
        }
        return stack(merged);
    }

    static Tensor Targets(List<EncodedExample> examples, Tensor logits) =>
        TensorMemory.Floats([.. examples.SelectMany(example => example.Targets)], logits.device, examples.Count, logits.shape[1]);
}
