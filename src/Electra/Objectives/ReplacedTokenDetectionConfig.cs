using Electra.Model;

namespace Electra.Objectives;

/// <summary>ELECTRA's objective and its ablations; the defaults are the paper's.</summary>
/// <param name="Masking">Which tokens are hidden from the generator.</param>
/// <param name="GeneratorWeight">Weight of the generator's loss.</param>
/// <param name="DiscriminatorWeight">Weight of the discriminator's loss.</param>
/// <param name="Temperature">Divides the generator's logits before sampling.</param>
/// <param name="DisallowCorrect">True forbids the sampler the original token, so that every chosen position is a replacement.</param>
/// <param name="JudgesMaskedOnly">True is ELECTRA 15 %: the discriminator's loss counts the chosen positions only.</param>
/// <param name="UniformGenerator">True draws replacements evenly from the whole vocabulary, without a generator.</param>
/// <param name="DiscriminatorWarmup">Share of the run over which the discriminator's weight rises evenly from 0; 0 for the full weight at once.</param>
/// <param name="GeneratorRateFactor">What the generator's own weights multiply the learning rate by.</param>
public sealed record ReplacedTokenDetectionConfig(
    TokenMaskingConfig Masking,
    double GeneratorWeight = 1,
    double DiscriminatorWeight = 50,
    double Temperature = 1,
    bool DisallowCorrect = false,
    bool JudgesMaskedOnly = false,
    bool UniformGenerator = false,
    double DiscriminatorWarmup = 0,
    double GeneratorRateFactor = 1) : ObjectiveConfig(Masking)
{
    /// <summary>The discriminator's weight at a moment of the run, from 0 to 1.</summary>
    public double DiscriminatorWeightAt(double progress) => progress < DiscriminatorWarmup ? DiscriminatorWeight * progress / DiscriminatorWarmup : DiscriminatorWeight;

    /// <summary>Every impossible value, one message each.</summary>
    public override IEnumerable<string> Problems()
    {
        foreach (var problem in Masking.Problems()) yield return $"masking.{problem}";
        if (!(GeneratorWeight >= 0 && double.IsFinite(GeneratorWeight))) yield return $"generator_weight is {GeneratorWeight}, it must not be negative";
        if (!(DiscriminatorWeight >= 0 && double.IsFinite(DiscriminatorWeight))) yield return $"discriminator_weight is {DiscriminatorWeight}, it must not be negative";
        if (!(Temperature >= LowestTemperature && double.IsFinite(Temperature))) yield return $"temperature is {Temperature}, it must be at least {LowestTemperature}";
        if (!(DiscriminatorWarmup >= 0 && DiscriminatorWarmup <= 1)) yield return $"discriminator_warmup is {DiscriminatorWarmup}, it must lie in [0, 1]";
        if (!(GeneratorRateFactor >= 0 && double.IsFinite(GeneratorRateFactor))) yield return $"generator_rate_factor is {GeneratorRateFactor}, it must not be negative";
        if (JudgesMaskedOnly && Masking.DrawsWithReplacement) yield return "judges_masked_only needs distinct positions: leave masking.draws_with_replacement out";
        if (UniformGenerator && DisallowCorrect) yield return "disallow_correct has no place with uniform_generator: leave one out";
    }

    public override TrainingCost Cost(EncoderConfig encoder, EncoderConfig? generator)
    {
        List<CostPart> parts = generator is null ? [] : [CostPart.Encoder("generator", generator), CostPart.TokenHead("generator head", generator)];
        return new TrainingCost(
        [
            .. parts,
            CostPart.Encoder("discriminator", encoder),
            new("discriminator head", (length, numMasked) => ForwardFlops.ReplacedTokenHead(encoder, JudgesMaskedOnly ? numMasked : length),
                length => PublishedFlops.ReplacedTokenHead(encoder, length)),
        ]);
    }
}
