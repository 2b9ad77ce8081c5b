using Electra.Numerics;
using Electra.Numerics.Kernels;
using ReplacedTokenKernel = Electra.Numerics.Kernels.ReplacedTokenHead;

namespace Electra.Model;

// Shapes: n real tokens of all rows, M chosen positions, H hidden, V vocabulary.

/// <summary>
/// Generator and discriminator by explicit kernels, heads included: each pass runs forward, takes its loss and, in training, runs backward
/// at once, for no gradient flows between the two. Nothing of the size of (M, V) is kept.
/// </summary>
public sealed unsafe class ElectraKernels : IDisposable
{
    readonly KernelEncoder _generator, _discriminator;
    readonly MaskedTokenHead _generatorHead;
    readonly ReplacedTokenKernel _discriminatorHead;
    readonly float* _values, _gradients;
    readonly int _generatorSize, _discriminatorSize;
    NativeBuffer _hiddenGradient = new(1);

    ElectraKernels(KernelEncoder generator, KernelEncoder discriminator, MaskedTokenHead generatorHead, ReplacedTokenKernel discriminatorHead, ElectraNetworks networks)
    {
        (_generator, _discriminator, _generatorHead, _discriminatorHead) = (generator, discriminator, generatorHead, discriminatorHead);
        _values = TensorMemory.Pointer(networks.Parameters.Values);
        _gradients = TensorMemory.Pointer(networks.Parameters.Gradients);
        (_generatorSize, _discriminatorSize) = (networks.Generator.Encoder.Config.HiddenSize, networks.Discriminator.Encoder.Config.HiddenSize);
    }

    /// <summary>The kernels of both networks, or null where they do not serve one of the encoders.</summary>
    internal static ElectraKernels? TryCreate(ElectraNetworks networks, WorkerTeam team)
    {
        if (networks.Generator.Encoder.UseKernels(networks.Parameters, team) is not { } generator) return null;
        if (networks.Discriminator.Encoder.UseKernels(networks.Parameters, team) is not { } discriminator) return null;

        var offsets = networks.Parameters.Slots.ToDictionary(slot => slot.Parameter.Value.Handle, slot => slot.Offset);
        var config = networks.Generator.Encoder.Config;
        var generatorHead = new MaskedTokenHead(new MaskedTokenHeadShape(
            config.HiddenSize, config.EmbeddingSize, config.VocabSize, (float)config.LayerNormEps,
            Generator("generator_predictions.dense.weight"), Generator("generator_predictions.dense.bias"),
            Generator("generator_predictions.LayerNorm.weight"), Generator("generator_predictions.LayerNorm.bias"),
            Generator("electra.embeddings.word_embeddings.weight"), Generator("generator_lm_head.bias")), team, networks.Precision);
        var discriminatorHead = new ReplacedTokenKernel(new ReplacedTokenHeadShape(
            networks.Discriminator.Encoder.Config.HiddenSize,
            Discriminator("discriminator_predictions.dense.weight"), Discriminator("discriminator_predictions.dense.bias"),
            Discriminator("discriminator_predictions.dense_prediction.weight"), Discriminator("discriminator_predictions.dense_prediction.bias")), team, networks.Precision);
        return new ElectraKernels(generator, discriminator, generatorHead, discriminatorHead, networks);

        long Generator(string name) => Offset(networks.Generator.Parameters, name);
        long Discriminator(string name) => Offset(networks.Discriminator.Parameters, name);
        long Offset(IReadOnlyList<NamedParameter> parameters, string name) => offsets[parameters.Single(parameter => parameter.Name == name).Value.Handle];
    }

    /// <summary>The generator guesses hidden tokens and draws replacements.</summary>
    /// <param name="masked">Text with some tokens hidden.</param>
    /// <param name="positions">(M) places in the flattened, padded batch.</param>
    /// <param name="targets">(M) original tokens.</param>
    /// <param name="scale">What one position's loss counts.</param>
    /// <param name="sampling">How replacements are drawn.</param>
    /// <param name="dropout">Null in evaluation, when no gradient is taken.</param>
    public MaskedTokenResult Guess(TokenBatch masked, int[] positions, int[] targets, double scale, TokenSampling sampling, Dropout? dropout)
    {
        var rows = _generator.Rows(masked, dropout);
        var isTraining = dropout is not null;
        var hidden = _generator.Run(rows, dropout, isTraining, out var pass);
        int[] compact = [.. positions.Select(position => rows.RowStarts[position / masked.MaxLength] + position % masked.MaxLength)];
        var gradient = isTraining ? HiddenGradient(rows.NumTokens, _generatorSize) : null;
        var result = _generatorHead.Run(_values, hidden, compact, targets, (float)scale, sampling, gradient, _gradients);
        if (isTraining) _generator.Backward(pass, gradient);
        return result;
    }

    /// <summary>The discriminator judges every token.</summary>
    /// <param name="corrupted">Text with replacements in place.</param>
    /// <param name="isReplaced">True where a token of the flattened, padded batch was replaced.</param>
    /// <param name="scale">What one token's loss counts.</param>
    /// <param name="dropout">Null in evaluation, when no gradient is taken.</param>
    /// <returns>The loss summed over real tokens, not scaled, and logits laid out as the padded batch, 0 on padding.</returns>
    public (double Loss, float[] Logits) Judge(TokenBatch corrupted, bool[] isReplaced, double scale, Dropout? dropout)
    {
        var rows = _discriminator.Rows(corrupted, dropout);
        var isTraining = dropout is not null;
        var labels = new bool[rows.NumTokens];
        for (var row = 0; row < corrupted.NumRows; row++)
            isReplaced.AsSpan(row * corrupted.MaxLength, corrupted.Lengths[row]).CopyTo(labels.AsSpan(rows.RowStarts[row]));

        var hidden = _discriminator.Run(rows, dropout, isTraining, out var pass);
        var gradient = isTraining ? HiddenGradient(rows.NumTokens, _discriminatorSize) : null;
        var compact = new float[rows.NumTokens];
        var loss = _discriminatorHead.Run(_values, hidden, labels, (float)scale, compact, gradient, _gradients);
        if (isTraining) _discriminator.Backward(pass, gradient);

        var logits = new float[isReplaced.Length];
        for (var row = 0; row < corrupted.NumRows; row++)
            compact.AsSpan(rows.RowStarts[row], corrupted.Lengths[row]).CopyTo(logits.AsSpan(row * corrupted.MaxLength));
        return (loss, logits);
    }

    /// <summary>Frees the heads' memory; the encoders free their own.</summary>
    public void Dispose()
    {
        _generatorHead.Dispose();
        _discriminatorHead.Dispose();
        _hiddenGradient.Dispose();
    }

    /// <summary>Zeros of (n, H).</summary>
    float* HiddenGradient(int numTokens, int size)
    {
        var needed = (long)numTokens * size;
        if (_hiddenGradient.Length < needed)
        {
            _hiddenGradient.Dispose();
            _hiddenGradient = new NativeBuffer(needed);
        }
        else System.Runtime.InteropServices.NativeMemory.Clear(_hiddenGradient.Start, (nuint)needed * sizeof(float));
        return _hiddenGradient.Start;
    }
}
