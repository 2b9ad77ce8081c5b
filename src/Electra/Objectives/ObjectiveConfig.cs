using System.Text.Json.Serialization;

namespace Electra.Objectives;

/// <summary>What a run learns. In a recipe the key <c>kind</c> says which of these the section is; the first is the default.</summary>
/// <param name="Masking">Which tokens are hidden.</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(ReplacedTokenDetectionConfig), "replaced_token_detection")]
public abstract record ObjectiveConfig(TokenMaskingConfig Masking)
{
    /// <summary>Every impossible value, one message each.</summary>
    public abstract IEnumerable<string> Problems();
}
