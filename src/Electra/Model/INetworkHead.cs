using static TorchSharp.torch;

namespace Electra.Model;

/// <summary>What stands on an encoder: hidden states in, named outputs and a loss out.</summary>
public interface INetworkHead
{
    /// <summary>Outputs under Hugging Face's names, in the caller's dispose scope.</summary>
    /// <param name="hidden">(B, T, H) of the encoder's last layer.</param>
    /// <param name="dropout">Null in evaluation.</param>
    IReadOnlyDictionary<string, Tensor> Forward(Tensor hidden, Dropout? dropout);

    /// <summary>Hugging Face's loss of outputs against labels, a scalar in the caller's dispose scope.</summary>
    /// <param name="outputs">Of <see cref="Forward"/>.</param>
    /// <param name="batch">The tokens, for what is padding.</param>
    /// <param name="labels">Under Hugging Face's names: <c>labels</c>, <c>next_sentence_label</c>, <c>start_positions</c>, <c>end_positions</c>.</param>
    /// <exception cref="InvalidDataException">A label is missing, mis-shaped or out of range.</exception>
    Tensor Loss(IReadOnlyDictionary<string, Tensor> outputs, TokenBatch batch, IReadOnlyDictionary<string, Tensor> labels);
}
