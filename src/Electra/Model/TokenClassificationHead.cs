using static TorchSharp.torch;

namespace Electra.Model;

/// <summary>One label for each token: dropout, output.</summary>
sealed class TokenClassificationHead : INetworkHead
{
    readonly LinearLayer _output;
    readonly NetworkConfig _config;

    public TokenClassificationHead(NetworkConfig config, ParameterScope scope)
    {
        _config = config;
        _output = scope["classifier"].Linear(config.Encoder.HiddenSize, config.Labels.Count, Initializer.GlorotUniform);
    }

    public IReadOnlyDictionary<string, Tensor> Forward(Tensor hidden, Dropout? dropout)
    {
        using var scope = NewDisposeScope();
        var dropped = dropout?.ApplyToHidden(hidden, _config.HeadDropout, HeadDropoutSite.Number(0)) ?? hidden;
        return new Dictionary<string, Tensor> { ["logits"] = _output.Apply(dropped).MoveToOuterDisposeScope() };
    }

    public Tensor Loss(IReadOnlyDictionary<string, Tensor> outputs, TokenBatch batch, IReadOnlyDictionary<string, Tensor> labels) =>
        MaskedLanguageModelOutput.TokenLoss(outputs["logits"], batch, labels);
}
