using System.Text.Json.Serialization;
using Electra.Model;

namespace Electra.Objectives;

/// <summary>What a run learns. In a recipe the key <c>kind</c> says which of these the section is; the first is the default.</summary>
/// <param name="Masking">Which tokens are hidden.</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(ReplacedTokenDetectionConfig), "replaced_token_detection")]
[JsonDerivedType(typeof(MaskedLanguageModellingConfig), "masked_language_modelling")]
[JsonDerivedType(typeof(ReplacedLanguageModellingConfig), "replaced_language_modelling")]
public abstract record ObjectiveConfig(TokenMaskingConfig Masking)
{
    /// <summary>Far below it the rounding of a logit divided by the temperature decides what is drawn.</summary>
    protected const double LowestTemperature = 0.001;

    /// <summary>Every impossible value, one message each.</summary>
    public abstract IEnumerable<string> Problems();

    /// <summary>What a step costs.</summary>
    /// <param name="encoder">The network that is kept.</param>
    /// <param name="generator">The generator, where there is one.</param>
    public abstract TrainingCost Cost(EncoderConfig encoder, EncoderConfig? generator);
}
