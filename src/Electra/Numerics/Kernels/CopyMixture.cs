namespace Electra.Numerics.Kernels;

/// <summary>
/// A copy gate over a vocabulary head (Clark et al. 2020, section 3.3, All-Tokens MLM): with chance d the token that stands there is copied, else
/// one is drawn from the softmax q. The label's probability is d [it stands there] + (1 - d) q(label).
/// </summary>
/// <param name="copyChances">(M) d.</param>
/// <param name="isCopy">(M) true where the label stands there.</param>
public sealed class CopyMixture(float[] copyChances, bool[] isCopy)
{
    /// <summary>(M) gradients of the gates' logits, scaled as the losses are.</summary>
    public float[] GateGradients { get; } = new float[copyChances.Length];

    /// <summary>Makes the loss of the softmax that of the mixture.</summary>
    /// <param name="m">The position.</param>
    /// <param name="loss">-ln q(label).</param>
    /// <param name="scale">What the position's loss counts.</param>
    /// <returns>-ln of the mixture, and what the gradient of -ln q(label) counts in its gradient.</returns>
    internal (double Loss, float Scale) Mix(int m, double loss, float scale)
    {
        double copy = copyChances[m], guess = Math.Exp(-loss);
        var probability = Math.Max((isCopy[m] ? copy : 0) + (1 - copy) * guess, double.Epsilon);
        GateGradients[m] = (float)(-((isCopy[m] ? 1 : 0) - guess) * copy * (1 - copy) / probability * scale);
        return (-Math.Log(probability), (float)(scale * (1 - copy) * guess / probability));
    }
}
