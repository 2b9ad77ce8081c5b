using static TorchSharp.torch;

namespace Electra.Model;

// Shapes: B rows, T tokens, H hidden, V vocabulary.

/// <summary>BERT's two objectives: masked tokens and whether the second segment follows the first (Devlin et al. 2019, section 3.1).</summary>
sealed class BertPretrainingHead : INetworkHead, ITokenPredictor
{
    readonly Pooler _pooler;
    readonly MaskedLanguageModelHead _predictions;
    readonly LinearLayer _nextSentence;

    public BertPretrainingHead(Encoder encoder, Pooler pooler, ParameterScope scope)
    {
        (_pooler, _predictions) = (pooler, new MaskedLanguageModelHead(encoder, scope));
        _nextSentence = scope["cls"]["seq_relationship"].Linear(encoder.Config.HiddenSize, 2);
    }

    public IReadOnlyDictionary<string, Tensor> Forward(Tensor hidden, Dropout? dropout)
    {
        return new Dictionary<string, Tensor>
        {
            ["prediction_logits"] = MaskedLanguageModelOutput.TokenLogits(_predictions, hidden),
            ["seq_relationship_logits"] = NextSentenceLogits(hidden.select(1, 0)),
        };
    }

    public Tensor TokenLogits(Tensor hidden) => _predictions.Logits(hidden);

    /// <summary>Logits (B, 2) of the hidden states (B, H) of first tokens; class 0 says that the second segment follows the first.</summary>
    public Tensor NextSentenceLogits(Tensor first)
    {
        using var scope = NewDisposeScope();
        return _nextSentence.Apply(_pooler.Summarise(first)).MoveToOuterDisposeScope();
    }

    public Tensor Loss(IReadOnlyDictionary<string, Tensor> outputs, TokenBatch batch, IReadOnlyDictionary<string, Tensor> labels)
    {
        using var scope = NewDisposeScope();
        var nextSentence = Labels.Get(labels, "next_sentence_label", batch.NumRows);              // 0: B follows A
        return (MaskedLanguageModelOutput.TokenLoss(outputs["prediction_logits"], batch, labels)
            + Labels.CrossEntropy(outputs["seq_relationship_logits"], nextSentence, "next_sentence_label")).MoveToOuterDisposeScope();
    }
}
