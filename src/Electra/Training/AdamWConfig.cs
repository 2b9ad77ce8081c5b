namespace Electra.Training;

/// <summary>AdamW as google-research/electra has it.</summary>
/// <param name="Beta1">Decay of the mean of gradients.</param>
/// <param name="Beta2">Decay of the mean of squared gradients.</param>
/// <param name="Epsilon">Added to the root, outside of it.</param>
/// <param name="WeightDecay">Decoupled; spares biases and LayerNorm.</param>
/// <param name="CorrectsBias">True divides the means by 1 - beta^t; ELECTRA, BERT and their published results do not.</param>
/// <param name="MaxGradientNorm">Global norm above which gradients are scaled down; 0 switches clipping off, as RoBERTa does.</param>
public sealed record AdamWConfig(
    double Beta1 = 0.9,
    double Beta2 = 0.999,
    double Epsilon = 1e-6,
    double WeightDecay = 0.01,
    bool CorrectsBias = false,
    double MaxGradientNorm = 1)
{
    /// <summary>Every impossible value, one message each.</summary>
    public IEnumerable<string> Problems()
    {
        foreach (var (name, beta) in new[] { ("beta1", Beta1), ("beta2", Beta2) })
            if (!(beta >= 0 && beta < 1)) yield return $"{name} is {beta}, it must lie in [0, 1)";
        if (!(Epsilon > 0 && double.IsFinite(Epsilon))) yield return $"epsilon is {Epsilon}, it must be positive";
        if (!(WeightDecay >= 0 && double.IsFinite(WeightDecay))) yield return $"weight_decay is {WeightDecay}, it must not be negative";
        if (!(MaxGradientNorm >= 0 && double.IsFinite(MaxGradientNorm))) yield return $"max_gradient_norm is {MaxGradientNorm}, it must not be negative (0 switches clipping off)";
    }
}
