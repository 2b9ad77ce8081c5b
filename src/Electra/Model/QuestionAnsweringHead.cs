using static TorchSharp.torch;

namespace Electra.Model;

// Shapes: B rows, T tokens.

/// <summary>The first and the last token of an answer, scored independently (Devlin et al. 2019, section 4.2).</summary>
sealed class QuestionAnsweringHead : INetworkHead
{
    readonly LinearLayer _output;

    public QuestionAnsweringHead(EncoderConfig config, ParameterScope scope) =>
        _output = scope["qa_outputs"].Linear(config.HiddenSize, 2, Initializer.GlorotUniform);

    public IReadOnlyDictionary<string, Tensor> Forward(Tensor hidden, Dropout? dropout)
    {
        using var scope = NewDisposeScope();
        var logits = _output.Apply(hidden);                                                       // (B, T, 2)
        return new Dictionary<string, Tensor>
        {
            ["start_logits"] = logits.select(-1, 0).contiguous().MoveToOuterDisposeScope(),
            ["end_logits"] = logits.select(-1, 1).contiguous().MoveToOuterDisposeScope(),
        };
    }

    /// <summary>The mean of both cross entropies over all T positions, padding included, as Hugging Face has it.</summary>
    public Tensor Loss(IReadOnlyDictionary<string, Tensor> outputs, TokenBatch batch, IReadOnlyDictionary<string, Tensor> labels)
    {
        using var scope = NewDisposeScope();
        var start = Labels.CrossEntropy(outputs["start_logits"], Labels.Get(labels, "start_positions", batch.NumRows), "start_positions");
        var end = Labels.CrossEntropy(outputs["end_logits"], Labels.Get(labels, "end_positions", batch.NumRows), "end_positions");
        return ((start + end) / 2).MoveToOuterDisposeScope();
    }
}
