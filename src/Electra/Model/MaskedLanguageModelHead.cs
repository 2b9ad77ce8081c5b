using Electra.Numerics;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Electra.Model;

// Shapes: M chosen positions, H hidden, E embedding size, V vocabulary.

/// <summary>Predicts tokens from hidden states: dense, activation, LayerNorm, and the word table as output matrix.</summary>
public sealed class MaskedLanguageModelHead
{
    readonly LinearLayer _dense;
    readonly LayerNormalization _layerNorm;
    readonly Parameter _bias;
    readonly Func<Tensor, Tensor> _activation;
    readonly Encoder _encoder;
    readonly Precision _precision;

    /// <summary>Declares the head under the names of the encoder's family.</summary>
    public MaskedLanguageModelHead(Encoder encoder, ParameterScope scope)
    {
        var config = encoder.Config;
        (_encoder, _precision) = (encoder, scope.Precision);
        var (dense, layerNorm, bias) = config.Family switch
        {
            EncoderFamily.Electra => (scope["generator_predictions"]["dense"], scope["generator_predictions"]["LayerNorm"], scope["generator_lm_head"]),
            EncoderFamily.Bert => (scope["cls"]["predictions"]["transform"]["dense"], scope["cls"]["predictions"]["transform"]["LayerNorm"], scope["cls"]["predictions"]),
            _ => (scope["lm_head"]["dense"], scope["lm_head"]["layer_norm"], scope["lm_head"]),
        };
        _dense = dense.Linear(config.HiddenSize, config.EmbeddingSize);
        _layerNorm = layerNorm.LayerNorm(config.EmbeddingSize, config.LayerNormEps);
        _bias = bias.Declare("bias", Initializer.Zeros, config.VocabSize);
        // Hugging Face's ELECTRA and RoBERTa fix gelu here whatever hidden_act says; BERT follows hidden_act.
        _activation = Activation.Named(config.Family == EncoderFamily.Bert ? config.HiddenAct : "gelu");
    }

    /// <summary>Logits (M, V) of hidden states (M, H).</summary>
    public Tensor Logits(Tensor hidden)
    {
        using var scope = NewDisposeScope();
        var transformed = _layerNorm.Apply(_activation(_dense.Apply(hidden)));                    // (M, E)
        return MatrixProduct.Linear(transformed, _encoder.WordTable, _bias, _precision).MoveToOuterDisposeScope();
    }
}
