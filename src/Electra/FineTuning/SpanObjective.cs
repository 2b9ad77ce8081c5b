using Electra.FineTuning.Tasks;
using Electra.Model;
using Electra.Numerics;
using static TorchSharp.torch;

namespace Electra.FineTuning;

// Shapes: B rows, T tokens of the longest.

/// <summary>The first and last token of an answer, scored independently; the start token stands for no answer (Devlin et al. 2019, section 4.3).</summary>
sealed class SpanObjective : ITaskObjective
{
    public double Weight(IReadOnlyList<EncodedExample> rows) => rows.Count;

    public Tensor Loss(IReadOnlyDictionary<string, Tensor> outputs, TokenBatch batch, IReadOnlyList<EncodedExample> rows)
    {
        using var scope = NewDisposeScope();
        var mask = AnswerMask(batch, rows, outputs["start_logits"].device);
        var loss = Sum("start_logits", row => row.Start) + Sum("end_logits", row => row.End);
        return (loss / 2).MoveToOuterDisposeScope();

        Tensor Sum(string name, Func<EncodedExample, int> label) =>
            new ClassLoss().Sum(JointQuestionAnsweringHead.Masked(outputs[name], mask), [.. rows.Select(label)]);
    }

    public IReadOnlyList<WindowScores> Read(IReadOnlyDictionary<string, Tensor> outputs, TokenBatch batch, IReadOnlyList<EncodedExample> rows)
    {
        var (start, end) = (TensorMemory.ToFloats(outputs["start_logits"]), TensorMemory.ToFloats(outputs["end_logits"]));
        return [.. rows.Select((row, place) => new WindowScores([])
        {
            Start = start.AsSpan(place * batch.MaxLength, row.Length).ToArray(),
            End = end.AsSpan(place * batch.MaxLength, row.Length).ToArray(),
        })];
    }

    /// <summary>(B, T), 1 at the start token and on the context.</summary>
    public static Tensor AnswerMask(TokenBatch batch, IReadOnlyList<EncodedExample> rows, Device device)
    {
        var mask = new float[batch.NumRows * batch.MaxLength];
        for (var row = 0; row < rows.Count; row++)
        {
            mask[row * batch.MaxLength] = 1;
            for (var t = 0; t < rows[row].Length; t++)
                if (rows[row].IsContext[t]) mask[row * batch.MaxLength + t] = 1;
        }
        return TensorMemory.Floats(mask, device, batch.NumRows, batch.MaxLength);
    }
}
