using static TorchSharp.torch;

namespace Electra.Model;

/// <summary>The discriminator's head with its mean loss over real tokens, as <c>ElectraForPreTraining</c> gives it.</summary>
sealed class ReplacedTokenOutput(ReplacedTokenHead head) : INetworkHead
{
    public IReadOnlyDictionary<string, Tensor> Forward(Tensor hidden, Dropout? dropout) =>
        new Dictionary<string, Tensor> { ["logits"] = head.Logits(hidden) };

    public Tensor Loss(IReadOnlyDictionary<string, Tensor> outputs, TokenBatch batch, IReadOnlyDictionary<string, Tensor> labels)
    {
        using var scope = NewDisposeScope();
        var logits = outputs["logits"];
        var mask = batch.MaskTensor(logits.device);
        var isReplaced = Labels.Get(labels, "labels", batch.NumRows, batch.MaxLength).to(ScalarType.Float32);
        var losses = nn.functional.binary_cross_entropy_with_logits(logits, isReplaced, reduction: nn.Reduction.None);
        return ((losses * mask).sum() / mask.sum()).MoveToOuterDisposeScope();
    }
}
