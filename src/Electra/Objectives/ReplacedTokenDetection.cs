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
public sealed class ReplacedTokenDetection(ElectraNetworks networks, ReplacedTokenDetectionConfig config, SpecialTokens specialTokens)
{
    /// <summary>Adds the losses of some rows to <paramref name="sums"/> and, in training, their gradients to the parameters'.</summary>
    /// <param name="batch">The rows.</param>
    /// <param name="numMasked">Chosen positions of the whole batch: with <paramref name="numTokens"/>, what the losses are divided by, so that
    /// rows give the same gradient whatever micro-batch they come in.</param>
    /// <param name="numTokens">Real tokens of the whole batch.</param>
    /// <param name="dropout">Null in evaluation, when no gradient is taken.</param>
    /// <param name="sums">Added to.</param>
    public void Accumulate(MaskedBatch batch, long numMasked, long numTokens, Dropout? dropout, ReplacedTokenDetectionSums sums)
    {
        sums.NumMasked += batch.Positions.Length;
        sums.NumTokens += batch.Original.NumTokens;
        if (networks.Kernels is { } kernels) AccumulateByKernels(kernels, batch, numMasked, numTokens, dropout, sums);
        else AccumulateByTorch(batch, numMasked, numTokens, dropout, sums);
    }

    /// <summary>The paper's formulas by torch operations: the oracle, and the path of every device and precision the kernels do not serve.</summary>
    void AccumulateByTorch(MaskedBatch batch, long numMasked, long numTokens, Dropout? dropout, ReplacedTokenDetectionSums sums)
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
            (generatorLoss * (config.GeneratorWeight / numMasked) + discriminatorLoss * (config.DiscriminatorWeight / numTokens)).backward();

        sums.GeneratorLoss += generatorLoss.item<float>();
        sums.DiscriminatorLoss += discriminatorLoss.item<float>();
        sums.NumGuessed += guesses.detach().argmax(1).eq(targets).sum().item<long>();
        Judge(corrupted, batch.Original, TensorMemory.ToFloats(logits), isReplaced, sums);
    }

    /// <summary>The same by explicit kernels: each network's backward pass follows its forward pass at once.</summary>
    void AccumulateByKernels(ElectraKernels kernels, MaskedBatch batch, long numMasked, long numTokens, Dropout? dropout, ReplacedTokenDetectionSums sums)
    {
        var sampling = new TokenSampling([.. batch.Draws.Select(draw => (float)draw)], (float)config.Temperature, config.DisallowCorrect);
        var guesses = kernels.Guess(batch.Masked, batch.Positions, batch.Targets, config.GeneratorWeight / numMasked, sampling, dropout);
        var (corrupted, isReplaced) = TokenReplacement.Apply(batch.Original, batch.Positions, batch.Replacements ?? guesses.Samples);
        var (discriminatorLoss, logits) = kernels.Judge(corrupted, isReplaced, config.DiscriminatorWeight / numTokens, dropout);

        sums.GeneratorLoss += guesses.LossSum;
        sums.DiscriminatorLoss += discriminatorLoss;
        sums.NumGuessed += guesses.NumCorrect;
        Judge(corrupted, batch.Original, logits, isReplaced, sums);
    }

    void Judge(TokenBatch seen, TokenBatch original, float[] scores, bool[] isReplaced, ReplacedTokenDetectionSums sums)
    {
        for (var row = 0; row < seen.NumRows; row++)
            for (var i = row * seen.MaxLength; i < row * seen.MaxLength + seen.Lengths[row]; i++)
                if (!specialTokens.IsStructural(original.Ids[i])) sums.Judge(seen.Ids[i], scores[i], isReplaced[i]);
    }
}
