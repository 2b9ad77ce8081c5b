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
        .. networks.Generator is null ? (ObjectiveNetwork[])[] : [ObjectiveNetwork.LanguageModel("generator", networks.Generator)],
    ];

    public Precision? KernelPrecision => networks.Discriminator.Encoder.KernelPrecision;

    public StagnationSign Stagnation { get; } = new("discriminator_auc", 0.52, "the discriminator does not learn to tell replacements");

    public TrainingCost Cost { get; } = config.Cost(networks.Discriminator.Encoder.Config, networks.Generator?.Encoder.Config);

    public IReadOnlyList<double>? RateFactors { get; } = ObjectiveNetwork.RateFactors(networks.Parameters, config.GeneratorRateFactor);

    public void Accumulate(MaskedBatch batch, StepTotals totals, Dropout? dropout, ObjectiveSums sums)
    {
        sums.NumTokens += batch.Original.NumTokens;
        sums.NumTargets += config.JudgesMaskedOnly ? batch.Positions.Length : batch.Original.NumTokens;
        if (networks.Kernels is { } kernels) AccumulateByKernels(kernels, batch, totals, dropout, sums);
        else AccumulateByTorch(batch, totals, dropout, sums);
    }

    public void Dispose() => networks.Dispose();

    /// <summary>The paper's formulas by torch operations: the oracle, and the path of every device and precision the kernels do not serve.</summary>
    void AccumulateByTorch(MaskedBatch batch, StepTotals totals, Dropout? dropout, ObjectiveSums sums)
    {
        using var gradient = set_grad_enabled(dropout is not null);
        using var scope = NewDisposeScope();
        var discriminator = networks.Discriminator;
        var device = discriminator.Encoder.WordTable.device;
        var positions = TensorMemory.Indices(batch.Positions, device, batch.Positions.Length);
        var (sampled, total) = (batch.Replacements ?? UniformSamples(batch.Draws), zeros(1, device: device));
        (Tensor LossSum, Tensor NumCorrect)? guessed = null;

        // 1. The generator guesses the hidden tokens.
        if (networks.Generator is { } generator)
        {
            var targets = TensorMemory.Indices(batch.Targets, device, batch.Targets.Length);
            var guesses = generator.Forward(batch.Masked, positions, dropout);                    // (M, V)
            var loss = nn.functional.cross_entropy(guesses, targets, reduction: nn.Reduction.Sum);
            sampled = batch.Replacements
                ?? TokenReplacement.Sample(guesses, batch.Draws, config.Temperature, config.DisallowCorrect ? batch.Targets : null);
            total = loss * (config.GeneratorWeight / totals.NumMasked);
            guessed = (loss, guesses.detach().argmax(1).eq(targets).sum());
        }

        // 2. Samples of its guesses take the place of the hidden tokens.
        var (corrupted, isReplaced) = TokenReplacement.Apply(batch.Original, batch.Positions, sampled);

        // 3. The discriminator judges every token.
        var logits = discriminator.Forward(corrupted, dropout);                                   // (B, T)
        var labels = tensor(isReplaced, logits.shape, ScalarType.Bool, device).to(ScalarType.Float32);
        var judged = batch.Original.MaskTensor(device);
        if (config.JudgesMaskedOnly) judged = zeros_like(judged).flatten().index_fill(0, positions, 1).view(logits.shape);
        var discriminatorLoss = nn.functional.binary_cross_entropy_with_logits(logits, labels, weight: judged, reduction: nn.Reduction.Sum);

        if (dropout is not null) (total + discriminatorLoss * (config.DiscriminatorWeightAt(totals.Progress) / NumJudged(totals))).backward();
        // Only now: a device is waited for when it is asked for a number.
        if (guessed is { } figures) AddGuesses(batch, figures.LossSum.item<float>(), figures.NumCorrect.item<long>(), sums);
        AddJudgements(batch, totals, corrupted, isReplaced, discriminatorLoss.item<float>(), TensorMemory.ToFloats(logits), sums);
    }

    /// <summary>The same by explicit kernels: each network's backward pass follows its forward pass at once.</summary>
    void AccumulateByKernels(ElectraKernels kernels, MaskedBatch batch, StepTotals totals, Dropout? dropout, ObjectiveSums sums)
    {
        var sampled = batch.Replacements ?? UniformSamples(batch.Draws);
        if (networks.Generator is not null)
        {
            var sampling = new TokenSampling([.. batch.Draws.Select(draw => (float)draw)], (float)config.Temperature, config.DisallowCorrect);
            var guesses = kernels.Guess(batch.Masked, batch.Positions, batch.Targets, config.GeneratorWeight / totals.NumMasked, sampling, dropout);
            sampled = batch.Replacements ?? guesses.Samples;
            AddGuesses(batch, guesses.LossSum, guesses.NumCorrect, sums);
        }
        var (corrupted, isReplaced) = TokenReplacement.Apply(batch.Original, batch.Positions, sampled);
        var scale = config.DiscriminatorWeightAt(totals.Progress) / NumJudged(totals);
        var (loss, logits) = kernels.Judge(corrupted, isReplaced, scale, dropout, config.JudgesMaskedOnly ? batch.Positions : null);
        AddJudgements(batch, totals, corrupted, isReplaced, loss, logits, sums);
    }

    /// <summary>Any token of the vocabulary, special ones too, as google-research/electra's uniform generator.</summary>
    int[] UniformSamples(double[] draws) => [.. draws.Select(draw => (int)(draw * networks.Discriminator.Encoder.Config.VocabSize))];

    long NumJudged(StepTotals totals) => config.JudgesMaskedOnly ? totals.NumMasked : totals.NumTokens;

    void AddGuesses(MaskedBatch batch, double loss, long numGuessed, ObjectiveSums sums)
    {
        sums.AddLoss("generator_loss", config.GeneratorWeight, loss, batch.Positions.Length);
        sums.AddShare("generator_accuracy", numGuessed, batch.Positions.Length);
    }

    void AddJudgements(MaskedBatch batch, StepTotals totals, TokenBatch seen, bool[] isReplaced, double loss, float[] scores, ObjectiveSums sums)
    {
        var places = config.JudgesMaskedOnly ? batch.Positions : batch.Original.RealPlaces();
        sums.AddLoss("discriminator_loss", config.DiscriminatorWeightAt(totals.Progress), loss, places.Length);
        foreach (var i in places)
            if (!specialTokens.IsStructural(batch.Original.Ids[i])) sums.Judgements.Add(seen.Ids[i], scores[i], isReplaced[i]);
    }
}
