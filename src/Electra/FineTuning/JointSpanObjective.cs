using Electra.FineTuning.Tasks;
using Electra.Model;
using Electra.Numerics;
using static TorchSharp.torch;

namespace Electra.FineTuning;

// Shapes: B rows, T tokens of the longest, K starts.

/// <summary>
/// An answer's end given its start, and whether there is an answer (google-research/electra, finetune/qa/qa_tasks.py). Training takes the end
/// at the true start, prediction at each of the best starts. Scores are log probabilities over the tokens that an answer may have: logits of
/// ends would compare different starts by sums that mean nothing.
/// </summary>
/// <param name="head">The head on the network.</param>
/// <param name="beamSize">Starts that ends are scored for.</param>
sealed class JointSpanObjective(JointQuestionAnsweringHead head, int beamSize) : ITaskObjective
{
    public double Weight(IReadOnlyList<EncodedExample> rows) => rows.Count;

    public Tensor Loss(IReadOnlyDictionary<string, Tensor> outputs, TokenBatch batch, IReadOnlyList<EncodedExample> rows)
    {
        using var scope = NewDisposeScope();
        var device = outputs["start_logits"].device;
        var labels = new Dictionary<string, Tensor>
        {
            ["start_positions"] = TensorMemory.Indices([.. rows.Select(row => row.Start)], device, rows.Count),
            ["end_positions"] = TensorMemory.Indices([.. rows.Select(row => row.End)], device, rows.Count),
            ["answer_mask"] = SpanObjective.AnswerMask(batch, rows, device),
        };
        return (head.Loss(outputs, batch, labels) * rows.Count).MoveToOuterDisposeScope();
    }

    public IReadOnlyList<WindowScores> Read(IReadOnlyDictionary<string, Tensor> outputs, TokenBatch batch, IReadOnlyList<EncodedExample> rows)
    {
        using var scope = NewDisposeScope();
        var hidden = outputs["last_hidden_state"];
        var mask = SpanObjective.AnswerMask(batch, rows, hidden.device);
        var masked = JointQuestionAnsweringHead.Masked(outputs["start_logits"], mask);
        var (start, none) = (TensorMemory.ToFloats(masked.log_softmax(-1)), TensorMemory.ToFloats(head.NoAnswerLogits(hidden, masked)));
        var scores = new List<WindowScores>();
        for (var row = 0; row < rows.Count; row++)
        {
            // Row by row: the dense layer at K starts and T tokens is the largest tensor of the task.
            using var rowScope = NewDisposeScope();
            var length = rows[row].Length;
            var own = start.AsSpan(row * batch.MaxLength, length).ToArray();
            int[] best = [.. Enumerable.Range(0, length).Where(t => rows[row].IsContext[t]).OrderByDescending(t => own[t]).Take(beamSize)];
            var ends = best.Length == 0 ? [] : Ends(hidden.narrow(0, row, 1).narrow(1, 0, length), mask.narrow(0, row, 1).narrow(1, 0, length), best);
            scores.Add(new WindowScores([]) { Start = own, TopStarts = best, EndGivenStart = ends, NoAnswer = none[row] });
        }
        return scores;
    }

    /// <summary>(K x T) log probabilities of each end, given each start, of one row.</summary>
    float[] Ends(Tensor hidden, Tensor mask, int[] starts)
    {
        var logits = head.EndLogits(hidden, TensorMemory.Indices(starts, hidden.device, 1, starts.Length));  // (1, K, T)
        return TensorMemory.ToFloats(JointQuestionAnsweringHead.Masked(logits, mask).log_softmax(-1));
    }
}
