using Electra.Model;

namespace Electra.Objectives;

/// <summary>Two of the paper's ablations (Clark et al. 2020, section 3.3): a masked language model whose hidden tokens are replaced by a generator's.</summary>
/// <param name="Masking">Which tokens are hidden from the generator.</param>
/// <param name="GeneratorWeight">Weight of the generator's loss.</param>
/// <param name="Temperature">Divides the generator's logits before sampling.</param>
/// <param name="PredictsAllTokens">False is Replace MLM: the original tokens at the chosen positions. True is All-Tokens MLM: all of them, with a copy gate.</param>
/// <param name="GeneratorRateFactor">What the generator's own weights multiply the learning rate by.</param>
public sealed record ReplacedLanguageModellingConfig(
    TokenMaskingConfig Masking, double GeneratorWeight = 1, double Temperature = 1, bool PredictsAllTokens = false, double GeneratorRateFactor = 1) : ObjectiveConfig(Masking)
{
    public override IEnumerable<string> Problems()
    {
        foreach (var problem in Masking.Problems()) yield return $"masking.{problem}";
        if (!(GeneratorWeight >= 0 && double.IsFinite(GeneratorWeight))) yield return $"generator_weight is {GeneratorWeight}, it must not be negative";
        if (!(Temperature >= LowestTemperature && double.IsFinite(Temperature))) yield return $"temperature is {Temperature}, it must be at least {LowestTemperature}";
        if (!(GeneratorRateFactor >= 0 && double.IsFinite(GeneratorRateFactor))) yield return $"generator_rate_factor is {GeneratorRateFactor}, it must not be negative";
    }

    public override TrainingCost Cost(EncoderConfig encoder, EncoderConfig? generator)
    {
        ArgumentNullException.ThrowIfNull(generator);
        List<CostPart> parts = [CostPart.Encoder("generator", generator), CostPart.TokenHead("generator head", generator), CostPart.Encoder("encoder", encoder)];
        if (!PredictsAllTokens) return new TrainingCost([.. parts, CostPart.TokenHead("masked token head", encoder)]);
        return new TrainingCost(
        [
            .. parts,
            new("token head", (length, _) => ForwardFlops.MaskedLanguageModelHead(encoder, length), length => PublishedFlops.MaskedLanguageModelHead(encoder, length) / PublishedFlops.MaskedShare),
            new("copy gate", (length, _) => 2.0 * length * encoder.HiddenSize, _ => 0),
        ]);
    }
}
