using static TorchSharp.torch;

namespace Electra.Model;

/// <summary>An ELECTRA encoder that says of every token whether it was replaced; Hugging Face's <c>ElectraForPreTraining</c>.</summary>
public sealed class Discriminator
{
    /// <summary>The number of the discriminator's encoder among dropout sites.</summary>
    public const int EncoderIndex = 1;

    readonly ReplacedTokenHead _head;

    /// <summary>Declares the network.</summary>
    public Discriminator(EncoderConfig config, ParameterScope scope)
    {
        Encoder = new Encoder(config, scope["electra"], EncoderIndex);
        _head = new ReplacedTokenHead(config, scope);
        Parameters = scope.Parameters;
    }

    /// <summary>The encoder, which is what fine-tuning keeps.</summary>
    public Encoder Encoder { get; }

    /// <summary>All parameters under their Hugging Face names.</summary>
    public IReadOnlyList<NamedParameter> Parameters { get; }

    /// <summary>Logits (B, T); above 0 means replaced.</summary>
    public Tensor Forward(TokenBatch batch, Dropout? dropout)
    {
        using var scope = NewDisposeScope();
        return _head.Logits(Encoder.Forward(batch, dropout)).MoveToOuterDisposeScope();
    }
}
