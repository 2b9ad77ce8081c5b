using static TorchSharp.torch;

namespace Electra.Model;

// Shapes: B rows, T tokens, H hidden, C labels.

/// <summary>
/// Scores a whole input from its first token. BERT: pooler, dropout, output. ELECTRA and RoBERTa: dropout, dense, gelu or tanh, dropout,
/// output, as Hugging Face has it (google-research/electra fine-tunes without the hidden layer).
/// </summary>
sealed class SequenceClassificationHead : INetworkHead
{
    readonly Pooler? _pooler;
    readonly LinearLayer? _dense;
    readonly LinearLayer _output;
    readonly Func<Tensor, Tensor> _activation;
    readonly NetworkConfig _config;

    public SequenceClassificationHead(NetworkConfig config, Pooler? pooler, ParameterScope scope)
    {
        (_config, _pooler) = (config, pooler);
        var (hiddenSize, numLabels) = (config.Encoder.HiddenSize, config.Labels.Count);
        var head = scope["classifier"];
        if (pooler is null) _dense = head["dense"].Linear(hiddenSize, hiddenSize, Initializer.GlorotUniform);
        _output = (pooler is null ? head["out_proj"] : head).Linear(hiddenSize, numLabels, Initializer.GlorotUniform);
        _activation = Activation.Named(config.Architecture.Family == EncoderFamily.Electra ? "gelu" : "tanh");
    }

    public IReadOnlyDictionary<string, Tensor> Forward(Tensor hidden, Dropout? dropout)
    {
        using var scope = NewDisposeScope();
        var summary = Drop(_pooler?.Apply(hidden) ?? hidden.select(1, 0), dropout, 0);            // (B, H)
        if (_dense is not null) summary = Drop(_activation(_dense.Apply(summary)), dropout, 1);
        return new Dictionary<string, Tensor> { ["logits"] = _output.Apply(summary).MoveToOuterDisposeScope() };
    }

    public Tensor Loss(IReadOnlyDictionary<string, Tensor> outputs, TokenBatch batch, IReadOnlyDictionary<string, Tensor> labels)
    {
        using var scope = NewDisposeScope();
        var logits = outputs["logits"];                                                           // (B, C)
        var loss = ProblemOf(labels) switch
        {
            ProblemType.SingleLabelClassification => Labels.CrossEntropy(logits, Labels.Get(labels, "labels", batch.NumRows), "labels"),
            ProblemType.MultiLabelClassification => nn.functional.binary_cross_entropy_with_logits(
                logits, Labels.Get(labels, "labels", logits.shape).to(ScalarType.Float32)),
            _ when logits.shape[1] == 1 => (logits.squeeze(-1) - Labels.Get(labels, "labels", batch.NumRows).to(ScalarType.Float32)).square().mean(),
            _ => (logits - Labels.Get(labels, "labels", logits.shape).to(ScalarType.Float32)).square().mean(),
        };
        return loss.MoveToOuterDisposeScope();
    }

    ProblemType ProblemOf(IReadOnlyDictionary<string, Tensor> labels)
    {
        if (_config.ProblemType is { } problem) return problem;
        if (_config.Labels.Count == 1) return ProblemType.Regression;
        return labels.TryGetValue("labels", out var label) && label.is_floating_point()
            ? ProblemType.MultiLabelClassification
            : ProblemType.SingleLabelClassification;
    }

    Tensor Drop(Tensor summary, Dropout? dropout, int site) =>
        dropout?.ApplyToHidden(summary.unsqueeze(1), _config.HeadDropout, HeadDropoutSite.Number(site)).squeeze(1) ?? summary;
}
