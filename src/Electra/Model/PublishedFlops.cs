namespace Electra.Model;

/// <summary>
/// Floating point operations as google-research/electra counts them (flops_computation.py), for comparison with published totals: element-wise
/// work is counted, embeddings as dense products, the masked head at 15.625 % of the positions, and the backward pass as one forward pass.
/// </summary>
public static class PublishedFlops
{
    /// <summary>Forward passes in a training step.</summary>
    public const int TrainingFactor = 2;

    /// <summary>20 predictions in 128 tokens.</summary>
    internal const double MaskedShare = 0.15625;
    const int HeadSize = 64;

    // Operations per element: bias 1, dropout 4, LayerNorm 5, softmax 5, GELU 8.
    const int Bias = 1, Dropout = 4, LayerNorm = 5, Softmax = 5, Gelu = 8;

    /// <summary>The encoder with its embeddings over a full row.</summary>
    public static double Encoder(EncoderConfig config, int length)
    {
        double hidden = config.HiddenSize, embedding = config.EmbeddingSize, intermediate = config.IntermediateSize;
        var heads = Math.Max(1, config.HiddenSize / HeadSize);
        var attention = 3 * (2 * hidden * hidden + Bias * hidden)                                  // query, key, value
            + 2 * hidden * length + heads * length * (1 + Softmax + Dropout) + 2 * hidden * length  // scores, probabilities, weighted sum
            + 2 * hidden * hidden + Bias * hidden + Dropout * hidden + hidden + LayerNorm;          // output, residual, LayerNorm (5 as published)
        var feedForward = 4 * hidden * intermediate + (Gelu + Bias) * intermediate + Bias * hidden + Dropout * hidden + hidden + LayerNorm * hidden;
        var input = 2 * embedding * config.VocabSize + 2 * embedding * (length + 2) + 2 * embedding + LayerNorm * embedding + Dropout * embedding;
        if (config.HasProjection) input += 2 * hidden * embedding + Bias * hidden;
        return length * (config.NumHiddenLayers * (attention + feedForward) + input);
    }

    /// <summary>The masked language model's head over a full row.</summary>
    public static double MaskedLanguageModelHead(EncoderConfig config, int length)
    {
        double embedding = config.EmbeddingSize, vocabulary = config.VocabSize;
        return length * MaskedShare * (2 * config.HiddenSize * embedding + (Bias + Gelu + LayerNorm) * embedding
            + 2 * embedding * vocabulary + (Softmax + 2) * vocabulary);
    }

    /// <summary>The discriminator's head over a full row.</summary>
    public static double ReplacedTokenHead(EncoderConfig config, int length)
    {
        double hidden = config.HiddenSize;
        return length * (2 * hidden * hidden + (Bias + Gelu) * hidden + 2 * hidden);
    }
}
