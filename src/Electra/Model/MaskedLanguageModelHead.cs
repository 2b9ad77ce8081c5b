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
        var (dense, layerNorm, bias) = NamesOf(config.Family);
        _dense = scope[dense].Linear(config.HiddenSize, config.EmbeddingSize);
        _layerNorm = scope[layerNorm].LayerNorm(config.EmbeddingSize, config.LayerNormEps);
        _bias = scope[bias].Declare("bias", Initializer.Zeros, config.VocabSize);
        // Hugging Face's ELECTRA and RoBERTa fix gelu here whatever hidden_act says; BERT follows hidden_act.
        _activation = Activation.Named(config.Family == EncoderFamily.Bert ? config.HiddenAct : "gelu");
    }

    /// <summary>What the names of the dense layer, the LayerNorm and the output's bias begin with.</summary>
    public static (string Dense, string LayerNorm, string Bias) NamesOf(EncoderFamily family) => family switch
    {
        EncoderFamily.Electra => ("generator_predictions.dense", "generator_predictions.LayerNorm", "generator_lm_head"),
        EncoderFamily.Bert => ("cls.predictions.transform.dense", "cls.predictions.transform.LayerNorm", "cls.predictions"),
        _ => ("lm_head.dense", "lm_head.layer_norm", "lm_head"),
    };

    /// <summary>Logits (M, V) of hidden states (M, H).</summary>
    public Tensor Logits(Tensor hidden)
    {
        using var scope = NewDisposeScope();
        var transformed = _layerNorm.Apply(_activation(_dense.Apply(hidden)));                    // (M, E)
        return MatrixProduct.Linear(transformed, _encoder.WordTable, _bias, _precision).MoveToOuterDisposeScope();
    }
}
