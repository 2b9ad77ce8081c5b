namespace Electra.Randomness;

/// <summary>Which activations of a layer dropout is applied to.</summary>
public enum DropoutSublayer
{
    /// <summary>The normalised sum of the embeddings.</summary>
    Embeddings = 0,
    /// <summary>Attention probabilities.</summary>
    AttentionProbabilities = 1,
    /// <summary>The attention's output, before the residual sum.</summary>
    AttentionOutput = 2,
    /// <summary>The feed-forward network's output, before the residual sum.</summary>
    FeedForwardOutput = 3,
}
