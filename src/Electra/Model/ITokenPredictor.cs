using static TorchSharp.torch;

namespace Electra.Model;

/// <summary>A head that guesses tokens where it is asked to, which in pretraining is at the hidden ones only.</summary>
interface ITokenPredictor
{
    /// <summary>Logits (M, V) of hidden states (M, H).</summary>
    Tensor TokenLogits(Tensor hidden);
}
