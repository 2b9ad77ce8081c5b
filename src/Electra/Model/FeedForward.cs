using Electra.Randomness;
using static TorchSharp.torch;

namespace Electra.Model;

/// <summary>The position-wise feed-forward block with dropout, residual and LayerNorm.</summary>
sealed class FeedForward
{
    readonly LinearLayer _intermediate, _output;
    readonly LayerNormalization _layerNorm;
    readonly Func<Tensor, Tensor> _activation;
    readonly double _dropoutProbability;
    readonly int _site;

    public FeedForward(EncoderConfig config, ParameterScope scope, int encoder, int layer)
    {
        _intermediate = scope["intermediate"]["dense"].Linear(config.HiddenSize, config.IntermediateSize);
        _output = scope["output"]["dense"].Linear(config.IntermediateSize, config.HiddenSize);
        _layerNorm = scope["output"]["LayerNorm"].LayerNorm(config.HiddenSize, config.LayerNormEps);
        _activation = Activation.Named(config.HiddenAct);
        (_dropoutProbability, _site) = (config.HiddenDropoutProb, DropoutMask.Site(encoder, layer, DropoutSublayer.FeedForwardOutput));
    }

    /// <param name="x">(B, T, H).</param>
    /// <param name="dropout">Null in evaluation.</param>
    public Tensor Apply(Tensor x, Dropout? dropout)
    {
        using var scope = NewDisposeScope();
        var output = _output.ApplyInside(_activation(_intermediate.ApplyInside(x)));
        if (dropout is not null) output = dropout.ApplyToHidden(output, _dropoutProbability, _site);
        return _layerNorm.Apply(output + x).MoveToOuterDisposeScope();
    }
}
