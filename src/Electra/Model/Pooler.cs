using static TorchSharp.torch;

namespace Electra.Model;

/// <summary>BERT's summary of an input: a dense layer with tanh on the first token.</summary>
sealed class Pooler
{
    readonly LinearLayer _dense;

    public Pooler(EncoderConfig config, ParameterScope scope) => _dense = scope["pooler"]["dense"].Linear(config.HiddenSize, config.HiddenSize);

    /// <summary>(B, H) of hidden states (B, T, H).</summary>
    public Tensor Apply(Tensor hidden)
    {
        using var first = hidden.select(1, 0);
        return Summarise(first);
    }

    /// <summary>(B, H) of the hidden states (B, H) of first tokens.</summary>
    public Tensor Summarise(Tensor first)
    {
        using var scope = NewDisposeScope();
        return _dense.Apply(first).tanh().MoveToOuterDisposeScope();
    }
}
