using Electra.Model;

namespace Electra.Objectives;

/// <summary>ELECTRA's objective; the defaults are the paper's.</summary>
/// <param name="Masking">Which tokens are hidden from the generator.</param>
/// <param name="GeneratorWeight">Weight of the generator's loss.</param>
/// <param name="DiscriminatorWeight">Weight of the discriminator's loss.</param>
/// <param name="Temperature">Divides the generator's logits before sampling.</param>
/// <param name="DisallowCorrect">True forbids the sampler the original token, so that every chosen position is a replacement.</param>
public sealed record ReplacedTokenDetectionConfig(
    TokenMaskingConfig Masking,
    double GeneratorWeight = 1,
    double DiscriminatorWeight = 50,
    double Temperature = 1,
    bool DisallowCorrect = false) : ObjectiveConfig(Masking)
{
    /// <summary>Every impossible value, one message each.</summary>
    public override IEnumerable<string> Problems()
    {
        foreach (var problem in Masking.Problems()) yield return problem;
        if (!(GeneratorWeight >= 0 && double.IsFinite(GeneratorWeight))) yield return $"generator_weight is {GeneratorWeight}, it must not be negative";
        if (!(DiscriminatorWeight >= 0 && double.IsFinite(DiscriminatorWeight))) yield return $"discriminator_weight is {DiscriminatorWeight}, it must not be negative";
        if (!(Temperature > 0 && double.IsFinite(Temperature))) yield return $"temperature is {Temperature}, it must be positive";
    }

    public override TrainingCost Cost(EncoderConfig encoder, EncoderConfig? generator) => generator is null
        ? throw new ArgumentNullException(nameof(generator))
        : new TrainingCost(
        [
            CostPart.Encoder("generator", generator),
            CostPart.TokenHead("generator head", generator),
            CostPart.Encoder("discriminator", encoder),
            new("discriminator head", (length, _) => ForwardFlops.ReplacedTokenHead(encoder, length), length => PublishedFlops.ReplacedTokenHead(encoder, length)),
        ]);
}
