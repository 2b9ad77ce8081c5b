using static TorchSharp.torch;

namespace Electra.Model;

/// <summary>No head: the hidden states as they are, and the pooler's output where the architecture has one.</summary>
/// <param name="pooler">Null for ELECTRA.</param>
sealed class BareHead(Pooler? pooler) : INetworkHead
{
    public IReadOnlyDictionary<string, Tensor> Forward(Tensor hidden, Dropout? dropout)
    {
        var outputs = new Dictionary<string, Tensor> { ["last_hidden_state"] = hidden.alias() };
        if (pooler is not null) outputs["pooler_output"] = pooler.Apply(hidden);
        return outputs;
    }

    public Tensor Loss(IReadOnlyDictionary<string, Tensor> outputs, TokenBatch batch, IReadOnlyDictionary<string, Tensor> labels) =>
        throw new InvalidDataException("An encoder without a head has no loss.");
}
