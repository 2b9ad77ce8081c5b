using Electra.Model;
using Electra.Numerics;
using Electra.Numerics.Kernels;
using Electra.Tokenization;
using static TorchSharp.torch;

namespace Electra.Objectives;

// Shapes: B rows, T tokens, M chosen positions, V vocabulary.

/// <summary>
/// ELECTRA (Clark et al. 2020): a generator fills in masked tokens, and the discriminator says of every token whether it was replaced.
/// Both learn at once; no gradient flows from the discriminator to the generator, for a sample has none.
/// </summary>
public sealed class ReplacedTokenDetection(ElectraNetworks networks, ReplacedTokenDetectionConfig config, SpecialTokens specialTokens) : IPretrainingObjective
{
    /// <summary>Discriminator and generator; released with the objective.</summary>
    public ElectraNetworks ElectraNetworks => networks;

    public ParameterBuffer Parameters => networks.Parameters;

    public IReadOnlyList<ObjectiveNetwork> Networks { get; } =
    [
        new("discriminator", new NetworkConfig(Architecture.Of(EncoderFamily.Electra, HeadKind.ReplacedToken), networks.Discriminator.Encoder.Config), networks.Discriminator.Parameters),
        new("generator", new NetworkConfig(Architecture.Of(EncoderFamily.Electra, HeadKind.MaskedLanguageModel), networks.Generator.Encoder.Config), networks.Generator.Parameters),
    ];

    public bool UsesKernels => networks.Kernels is not null;

    public StagnationSign Stagnation { get; } = new("discriminator_auc", 0.52, "the discriminator does not learn to tell replacements");

    public TrainingCost Cost { get; } = config.Cost(networks.Discriminator.Encoder.Config, networks.Generator.Encoder.Config);

    public void Accumulate(MaskedBatch batch, StepTotals totals, Dropout? dropout, ObjectiveSums sums)
    {
        sums.NumTokens += batch.Original.NumTokens;
        sums.NumTargets += batch.Original.NumTokens;
        if (networks.Kernels is { } kernels) AccumulateByKernels(kernels, batch, totals, dropout, sums);
        else AccumulateByTorch(batch, totals, dropout, sums);
    }

    public void Dispose() => networks.Dispose();

    /// <summary>The paper's formulas by torch operations: the oracle, and the path of every device and precision the kernels do not serve.</summary>
    void AccumulateByTorch(MaskedBatch batch, StepTotals totals, Dropout? dropout, ObjectiveSums sums)
    {
        var (generator, discriminator) = (networks.Generator, networks.Discriminator);
        using var gradient = set_grad_enabled(dropout is not null);
        using var scope = NewDisposeScope();
        var device = discriminator.Encoder.WordTable.device;

        // 1. The generator guesses the hidden tokens.
        var positions = TensorMemory.Indices(batch.Positions, device, batch.Positions.Length);
        var targets = TensorMemory.Indices(batch.Targets, device, batch.Targets.Length);
        var guesses = generator.Forward(batch.Masked, positions, dropout);                        // (M, V)
        var generatorLoss = nn.functional.cross_entropy(guesses, targets, reduction: nn.Reduction.Sum);

        // 2. Samples of its guesses take the place of the hidden tokens.
        var sampled = batch.Replacements
            ?? TokenReplacement.Sample(guesses, batch.Draws, config.Temperature, config.DisallowCorrect ? batch.Targets : null);
        var (corrupted, isReplaced) = TokenReplacement.Apply(batch.Original, batch.Positions, sampled);

        // 3. The discriminator judges every token.
        var logits = discriminator.Forward(corrupted, dropout);                                   // (B, T)
        var labels = tensor(isReplaced, logits.shape, ScalarType.Bool, device).to(ScalarType.Float32);
        var discriminatorLoss = nn.functional.binary_cross_entropy_with_logits(
            logits, labels, weight: batch.Original.MaskTensor(device), reduction: nn.Reduction.Sum);

        if (dropout is not null)
            (generatorLoss * (config.GeneratorWeight / totals.NumMasked) + discriminatorLoss * (config.DiscriminatorWeight / totals.NumTokens)).backward();

        var numGuessed = guesses.detach().argmax(1).eq(targets).sum().item<long>();
        Add(batch, generatorLoss.item<float>(), numGuessed, discriminatorLoss.item<float>(), sums);
        Judge(corrupted, batch.Original, TensorMemory.ToFloats(logits), isReplaced, sums);
    }

    /// <summary>The same by explicit kernels: each network's backward pass follows its forward pass at once.</summary>
    void AccumulateByKernels(ElectraKernels kernels, MaskedBatch batch, StepTotals totals, Dropout? dropout, ObjectiveSums sums)
    {
        var sampling = new TokenSampling([.. batch.Draws.Select(draw => (float)draw)], (float)config.Temperature, config.DisallowCorrect);
        var guesses = kernels.Guess(batch.Masked, batch.Positions, batch.Targets, config.GeneratorWeight / totals.NumMasked, sampling, dropout);
        var (corrupted, isReplaced) = TokenReplacement.Apply(batch.Original, batch.Positions, batch.Replacements ?? guesses.Samples);
        var (discriminatorLoss, logits) = kernels.Judge(corrupted, isReplaced, config.DiscriminatorWeight / totals.NumTokens, dropout);

        Add(batch, guesses.LossSum, guesses.NumCorrect, discriminatorLoss, sums);
        Judge(corrupted, batch.Original, logits, isReplaced, sums);
    }

    void Add(MaskedBatch batch, double generatorLoss, long numGuessed, double discriminatorLoss, ObjectiveSums sums)
    {
        sums.AddLoss("generator_loss", config.GeneratorWeight, generatorLoss, batch.Positions.Length);
        sums.AddLoss("discriminator_loss", config.DiscriminatorWeight, discriminatorLoss, batch.Original.NumTokens);
        sums.AddShare("generator_accuracy", numGuessed, batch.Positions.Length);
    }

    void Judge(TokenBatch seen, TokenBatch original, float[] scores, bool[] isReplaced, ObjectiveSums sums)
    {
        for (var row = 0; row < seen.NumRows; row++)
            for (var i = row * seen.MaxLength; i < row * seen.MaxLength + seen.Lengths[row]; i++)
                if (!specialTokens.IsStructural(original.Ids[i])) sums.Judgements.Add(seen.Ids[i], scores[i], isReplaced[i]);
    }
}
