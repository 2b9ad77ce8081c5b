using Electra.FineTuning.Tasks;
using Electra.Numerics;
using static TorchSharp.torch;

namespace Electra.FineTuning;

// Shapes: N labelled examples or words, L classes.

/// <summary>Cross entropy with smoothed labels and weighted classes.</summary>
/// <param name="Smoothing">Share of a label's weight that goes to all classes alike (Szegedy et al. 2016).</param>
/// <param name="Weights">(L) what an example of each class counts, in multi-label one that has the label; null counts all as 1.</param>
sealed record ClassLoss(double Smoothing = 0, float[]? Weights = null)
{
    /// <summary>The loss that a recipe asks for.</summary>
    /// <param name="config">Smoothing and weights by name.</param>
    /// <param name="labels">Names of the classes.</param>
    /// <param name="rows">The training set.</param>
    /// <exception cref="InvalidDataException">A weight is given for a class that the task does not have, or the task has no classes at all.</exception>
    public static ClassLoss Of(TaskHeadConfig config, IReadOnlyList<string> labels, IReadOnlyList<EncodedExample> rows)
    {
        if (labels.Count == 0 && config.LabelSmoothing > 0) throw new InvalidDataException($"head.label_smoothing is {config.LabelSmoothing}, but the task has no classes to smooth; set it to 0.");
        if (!config.BalancesClasses && config.ClassWeights is null) return new ClassLoss(config.LabelSmoothing);
        if (labels.Count == 0) throw new InvalidDataException("head.class_weights and head.balances_classes need a task with classes; leave them out.");
        if (config.BalancesClasses)
            return new ClassLoss(config.LabelSmoothing, rows.Any(row => row.Targets.Length > 0) ? BalancedLabels(labels.Count, rows) : Balanced(labels.Count, rows));
        var weights = Enumerable.Repeat(1f, labels.Count).ToArray();
        foreach (var (name, weight) in config.ClassWeights!)                 // one of the two is there, see the guard
        {
            var index = labels.ToList().IndexOf(name);
            if (index < 0) throw new InvalidDataException($"head.class_weights: '{name}' is no class of the task; its classes are {string.Join(", ", labels)}.");
            weights[index] = (float)weight;
        }
        return new ClassLoss(config.LabelSmoothing, weights);
    }

    /// <summary>What an example of a class counts.</summary>
    public double WeightOf(int label) => Weights?[label] ?? 1;

    /// <summary>The loss summed over labels.</summary>
    /// <param name="logits">(N, L).</param>
    /// <param name="labels">(N), each a class.</param>
    public Tensor Sum(Tensor logits, int[] labels)
    {
        using var scope = NewDisposeScope();
        var logProbability = logits.log_softmax(-1);                                              // (N, L)
        var expected = TensorMemory.Indices(labels, logits.device, labels.Length, 1);
        var loss = -logProbability.gather(1, expected).squeeze(1);                                // (N)
        if (Smoothing > 0) loss = (1 - Smoothing) * loss - Smoothing * logProbability.mean([1]);
        if (Weights is not null) loss = loss * TensorMemory.Floats([.. labels.Select(label => Weights[label])], logits.device, labels.Length);
        return loss.sum().MoveToOuterDisposeScope();
    }

    /// <summary>Weights by which all classes count alike, mean 1 over the training set (King and Zeng 2001).</summary>
    static float[] Balanced(int numClasses, IReadOnlyList<EncodedExample> rows)
    {
        var counts = new long[numClasses];
        foreach (var row in rows)
        {
            // The windows of a long text are one example; a word is labelled in one window alone.
            if (row.Class >= 0 && row.Window == 0) counts[row.Class]++;
            foreach (var label in row.TokenLabels.Where(label => label >= 0)) counts[label]++;
        }
        var (total, numSeen) = (counts.Sum(), counts.Count(count => count > 0));
        return [.. counts.Select(count => count == 0 ? 1 : (float)((double)total / (numSeen * count)))];
    }

    /// <summary>Weights by which having a label and not having it count alike over the training set; 1 where there is one kind only.</summary>
    static float[] BalancedLabels(int numLabels, IReadOnlyList<EncodedExample> rows)
    {
        var examples = rows.Where(row => row.Window == 0).ToList();
        return [.. Enumerable.Range(0, numLabels).Select(label =>
        {
            var numWith = examples.Count(example => example.Targets[label] > 0);
            return numWith == 0 || numWith == examples.Count ? 1 : (float)(examples.Count - numWith) / numWith;
        })];
    }
}
