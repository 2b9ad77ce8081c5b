namespace Electra.Model;

/// <summary>What is needed to declare a network: the encoder's sizes and the head's.</summary>
/// <param name="Architecture">Family and head.</param>
/// <param name="Encoder">The encoder's sizes.</param>
/// <param name="Labels">Names of the classes, in the order of the logits; one name means regression.</param>
/// <param name="ClassifierDropout">Share of activations a classification head drops in training; null takes the encoder's hidden dropout.</param>
/// <param name="ProblemType">How a sequence classification is scored; null decides by labels, as Hugging Face does.</param>
public sealed record NetworkConfig(
    Architecture Architecture,
    EncoderConfig Encoder,
    IReadOnlyList<string> Labels,
    double? ClassifierDropout = null,
    ProblemType? ProblemType = null)
{
    /// <summary>The two nameless labels of a configuration that names none.</summary>
    public static IReadOnlyList<string> DefaultLabels { get; } = ["LABEL_0", "LABEL_1"];

    /// <summary>A network with the default labels.</summary>
    public NetworkConfig(Architecture architecture, EncoderConfig encoder) : this(architecture, encoder, DefaultLabels) { }

    /// <summary>What a classification head drops in training.</summary>
    public double HeadDropout => ClassifierDropout ?? Encoder.HiddenDropoutProb;
}
