using Electra.FineTuning.Tasks;
using Electra.Model;
using Electra.Numerics;
using static TorchSharp.torch;

namespace Electra.FineTuning;

// Shapes: B rows, T tokens of the longest, N words, L tags.

/// <summary>A tag for each word, read at its first piece.</summary>
sealed class TaggingObjective(ClassLoss classLoss) : ITaskObjective
{
    public double Weight(IReadOnlyList<EncodedExample> rows)
    {
        double sum = 0;
        foreach (var row in rows)
            foreach (var label in row.TokenLabels)
                if (label != EncodedExample.Ignored) sum += classLoss.WeightOf(label);
        return sum;
    }

    public Tensor Loss(IReadOnlyDictionary<string, Tensor> outputs, TokenBatch batch, IReadOnlyList<EncodedExample> rows)
    {
        using var scope = NewDisposeScope();
        var (places, labels) = (new List<int>(), new List<int>());
        for (var row = 0; row < rows.Count; row++)
            for (var t = 0; t < rows[row].TokenLabels.Length; t++)
            {
                if (rows[row].TokenLabels[t] == EncodedExample.Ignored) continue;
                places.Add(row * batch.MaxLength + t);
                labels.Add(rows[row].TokenLabels[t]);
            }
        var logits = outputs["logits"].flatten(0, 1);                                             // (B T, L)
        if (places.Count == 0) return (logits.sum() * 0).MoveToOuterDisposeScope();
        var index = TensorMemory.Indices([.. places], logits.device, places.Count);
        return classLoss.Sum(logits.index_select(0, index), [.. labels]).MoveToOuterDisposeScope();
    }

    public IReadOnlyList<WindowScores> Read(IReadOnlyDictionary<string, Tensor> outputs, TokenBatch batch, IReadOnlyList<EncodedExample> rows)
    {
        var logits = TensorMemory.ToFloats(outputs["logits"]);
        var stride = logits.Length / rows.Count;
        var width = stride / batch.MaxLength;
        return [.. rows.Select((row, place) => new WindowScores(logits.AsSpan(place * stride, row.Length * width).ToArray()))];
    }
}
