namespace Electra.Model;

/// <summary>
/// Floating point operations of matrix products in a forward pass: a multiplication and an addition are two, attention is included, real
/// tokens only. A training step is three forward passes, for the backward pass takes two products for each of the forward's.
/// </summary>
public static class ForwardFlops
{
    /// <summary>Products of a training step for each product of its forward pass.</summary>
    public const int TrainingFactor = 3;

    /// <summary>The encoder over one row.</summary>
    public static double Encoder(EncoderConfig config, int length)
    {
        double hidden = config.HiddenSize;
        var products = config.NumHiddenLayers * (length * (4 * hidden * hidden + 2 * hidden * config.IntermediateSize) + 2.0 * length * length * hidden);
        if (config.HasProjection) products += length * config.EmbeddingSize * hidden;
        return 2 * products;
    }

    /// <summary>The masked language model's head at <paramref name="numPositions"/> positions.</summary>
    public static double MaskedLanguageModelHead(EncoderConfig config, int numPositions) =>
        2.0 * numPositions * config.EmbeddingSize * (config.HiddenSize + (double)config.VocabSize);

    /// <summary>BERT's head for one pair: the pooler and two logits.</summary>
    public static double NextSentenceHead(EncoderConfig config) => 2.0 * config.HiddenSize * (config.HiddenSize + 2.0);

    /// <summary>The discriminator's head over one row.</summary>
    public static double ReplacedTokenHead(EncoderConfig config, int length) => 2.0 * length * config.HiddenSize * (config.HiddenSize + 1.0);

    /// <summary>A fine-tuning head over one row, by the sizes of its matrices.</summary>
    public static double TaskHead(NetworkConfig config, int length)
    {
        double hidden = config.Encoder.HiddenSize;
        return 2 * config.Architecture.Head switch
        {
            HeadKind.SequenceClassification => hidden * (hidden + config.Labels.Count),
            HeadKind.TokenClassification => length * hidden * config.Labels.Count,
            HeadKind.QuestionAnswering => length * hidden * 2,
            HeadKind.JointQuestionAnswering => length * (hidden + (hidden + 1) * JointQuestionAnsweringHead.InnerSize),
            _ => 0,
        };
    }
}
