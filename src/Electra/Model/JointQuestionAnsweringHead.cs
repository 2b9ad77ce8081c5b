using static TorchSharp.torch;

namespace Electra.Model;

// Shapes: B rows, T tokens, H hidden, K starts of a row.

/// <summary>
/// Scores where an answer begins, where it ends given its beginning, and whether there is none (google-research/electra,
/// finetune/qa/qa_tasks.py, after XLNet): better than independent ends where questions may have no answer. Hugging Face has no such head and
/// loads the encoder alone.
/// </summary>
public sealed class JointQuestionAnsweringHead : INetworkHead
{
    internal const int InnerSize = 512;

    /// <summary>Added to the score of a token that may not belong to an answer.</summary>
    const float ForbiddenScore = -1000f;

    readonly LinearLayer _start, _endDense, _endOutput, _answerableDense, _answerableOutput;

    internal JointQuestionAnsweringHead(EncoderConfig config, ParameterScope scope)
    {
        var head = scope["joint_qa"];
        _start = head["start"].Linear(config.HiddenSize, 1, Initializer.GlorotUniform);
        (_endDense, _endOutput) = Inner(head["end"]);
        (_answerableDense, _answerableOutput) = Inner(head["answerable"]);

        (LinearLayer Dense, LinearLayer Output) Inner(ParameterScope part) => (
            part["dense"].Linear(2 * config.HiddenSize, InnerSize, Initializer.GlorotUniform),
            part["output"].Linear(InnerSize, 1, Initializer.GlorotUniform));
    }

    /// <summary>The scores of all starts, and the hidden states that <see cref="EndLogits"/> and <see cref="NoAnswerLogits"/> go on from.</summary>
    public IReadOnlyDictionary<string, Tensor> Forward(Tensor hidden, Dropout? dropout)
    {
        using var scope = NewDisposeScope();
        return new Dictionary<string, Tensor>
        {
            ["start_logits"] = _start.Apply(hidden).squeeze(-1).MoveToOuterDisposeScope(),        // (B, T)
            ["last_hidden_state"] = hidden.alias().MoveToOuterDisposeScope(),
        };
    }

    /// <summary>Scores (B, T) with those of tokens outside any answer lowered beyond reach.</summary>
    /// <param name="logits">(B, T) or (B, K, T).</param>
    /// <param name="mask">(B, T), 1 where an answer may begin or end.</param>
    public static Tensor Masked(Tensor logits, Tensor mask)
    {
        using var scope = NewDisposeScope();
        var penalty = (1 - mask) * ForbiddenScore;
        return (logits + (logits.dim() == 3 ? penalty.unsqueeze(1) : penalty)).MoveToOuterDisposeScope();
    }

    /// <summary>Scores (B, K, T) of each token as the end of an answer that begins at each of K tokens.</summary>
    /// <param name="hidden">(B, T, H).</param>
    /// <param name="starts">(B, K) int64.</param>
    public Tensor EndLogits(Tensor hidden, Tensor starts)
    {
        using var scope = NewDisposeScope();
        var (size, numStarts) = (hidden.shape[2], starts.shape[1]);
        var index = starts.unsqueeze(-1).expand(starts.shape[0], numStarts, size);
        var atStart = hidden.gather(1, index);                                                    // (B, K, H)
        // The dense layer of both states side by side, by its two halves: nothing of the size (B, K, T, H) is made.
        var weight = _endDense.Weight;
        var first = nn.functional.linear(atStart, weight.narrow(1, 0, size), _endDense.Bias);     // (B, K, 512)
        var second = nn.functional.linear(hidden, weight.narrow(1, size, size));                  // (B, T, 512)
        var inner = nn.functional.gelu(first.unsqueeze(2) + second.unsqueeze(1));                 // (B, K, T, 512)
        return _endOutput.Apply(inner).squeeze(-1).MoveToOuterDisposeScope();
    }

    /// <summary>Scores (B) of there being no answer, from the first token and the mean of all weighted by their chance to be a start.</summary>
    /// <param name="hidden">(B, T, H).</param>
    /// <param name="startLogits">(B, T), masked.</param>
    public Tensor NoAnswerLogits(Tensor hidden, Tensor startLogits)
    {
        using var scope = NewDisposeScope();
        var expected = (startLogits.softmax(-1).unsqueeze(-1) * hidden).sum(1);                   // (B, H)
        var both = cat([hidden.select(1, 0), expected], 1);                                       // (B, 2H)
        return _answerableOutput.Apply(nn.functional.gelu(_answerableDense.Apply(both))).squeeze(-1).MoveToOuterDisposeScope();
    }

    /// <summary>Half the cross entropies of start and end, and half the binary one of having no answer; the mean over rows.</summary>
    /// <param name="outputs">Of <see cref="Forward"/>.</param>
    /// <param name="batch">The tokens.</param>
    /// <param name="labels"><c>start_positions</c>, <c>end_positions</c>, both 0 without an answer; <c>answer_mask</c> (B, T) float32.</param>
    public Tensor Loss(IReadOnlyDictionary<string, Tensor> outputs, TokenBatch batch, IReadOnlyDictionary<string, Tensor> labels)
    {
        using var scope = NewDisposeScope();
        var (hidden, rows) = (outputs["last_hidden_state"], batch.NumRows);
        var mask = Labels.Get(labels, "answer_mask", rows, batch.MaxLength);
        var (start, end) = (Labels.Get(labels, "start_positions", rows), Labels.Get(labels, "end_positions", rows));
        var startLogits = Masked(outputs["start_logits"], mask);
        var startLoss = Labels.CrossEntropy(startLogits, start, "start_positions");
        var endLogits = Masked(EndLogits(hidden, start.unsqueeze(1)), mask).squeeze(1);
        var endLoss = Labels.CrossEntropy(endLogits, end, "end_positions");
        var hasNone = start.eq(0).to(ScalarType.Float32);
        var answerable = nn.functional.binary_cross_entropy_with_logits(NoAnswerLogits(hidden, startLogits), hasNone);
        return ((startLoss + endLoss) / 2 + 0.5 * answerable).MoveToOuterDisposeScope();
    }
}
