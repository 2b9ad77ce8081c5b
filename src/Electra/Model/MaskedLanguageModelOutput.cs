using static TorchSharp.torch;

namespace Electra.Model;

// Shapes: B rows, T tokens, H hidden, V vocabulary.

/// <summary>The head of a masked language model over all positions, as <c>ForMaskedLM</c> gives it; pretraining runs it on the masked ones only.</summary>
sealed class MaskedLanguageModelOutput(MaskedLanguageModelHead head) : INetworkHead, ITokenPredictor
{
    Tensor ITokenPredictor.TokenLogits(Tensor hidden) => head.Logits(hidden);

    public IReadOnlyDictionary<string, Tensor> Forward(Tensor hidden, Dropout? dropout) =>
        new Dictionary<string, Tensor> { ["logits"] = TokenLogits(head, hidden) };

    public Tensor Loss(IReadOnlyDictionary<string, Tensor> outputs, TokenBatch batch, IReadOnlyDictionary<string, Tensor> labels) =>
        TokenLoss(outputs["logits"], batch, labels);

    /// <summary>Logits (B, T, V) of hidden states (B, T, H).</summary>
    public static Tensor TokenLogits(MaskedLanguageModelHead head, Tensor hidden)
    {
        using var scope = NewDisposeScope();
        return head.Logits(hidden.flatten(0, 1)).view(hidden.shape[0], hidden.shape[1], -1).MoveToOuterDisposeScope();
    }

    /// <summary>Mean cross entropy of (B, T, classes) over the labels (B, T) that are not ignored.</summary>
    public static Tensor TokenLoss(Tensor logits, TokenBatch batch, IReadOnlyDictionary<string, Tensor> labels)
    {
        using var scope = NewDisposeScope();
        var expected = Labels.Get(labels, "labels", batch.NumRows, batch.MaxLength);
        return Labels.CrossEntropy(logits.flatten(0, 1), expected.flatten(), "labels").MoveToOuterDisposeScope();
    }
}
