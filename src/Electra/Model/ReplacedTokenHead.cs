using static TorchSharp.torch;

namespace Electra.Model;

/// <summary>Says of every token whether it was replaced: dense, gelu, one logit (Clark et al. 2020, section 2). No dropout, no LayerNorm.</summary>
public sealed class ReplacedTokenHead
{
    readonly LinearLayer _dense, _prediction;
    readonly Func<Tensor, Tensor> _activation;

    /// <summary>Declares <c>discriminator_predictions</c>.</summary>
    public ReplacedTokenHead(EncoderConfig config, ParameterScope scope)
    {
        var head = scope["discriminator_predictions"];
        _dense = head["dense"].Linear(config.HiddenSize, config.HiddenSize);
        _prediction = head["dense_prediction"].Linear(config.HiddenSize, 1, Initializer.GlorotUniform);
        _activation = Activation.Named(config.HiddenAct);
    }

    /// <summary>Logits (B, T) of hidden states (B, T, H); above 0 means replaced.</summary>
    public Tensor Logits(Tensor hidden)
    {
        using var scope = NewDisposeScope();
        return _prediction.Apply(_activation(_dense.Apply(hidden))).squeeze(-1).MoveToOuterDisposeScope();
    }
}
