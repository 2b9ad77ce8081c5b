using Electra.Numerics;
using Electra.Numerics.Kernels;

namespace Electra.Model;

// Shapes: n real tokens of all rows, M chosen positions, H hidden, V vocabulary.

/// <summary>
/// Generator and discriminator by explicit kernels, heads included: each pass runs forward, takes its loss and, in training, runs backward
/// at once, for no gradient flows between the two. Nothing of the size of (M, V) is kept.
/// </summary>
public sealed unsafe class ElectraKernels : IDisposable
{
    readonly KernelEncoder? _generator;
    readonly KernelEncoder _discriminator;
    readonly MaskedTokenHead? _generatorHead;
    readonly ReplacedTokenKernel _discriminatorHead;
    readonly float* _values, _gradients;
    readonly int _generatorSize, _discriminatorSize;
    NativeBuffer _hiddenGradient = new(1), _judged = new(1);

    ElectraKernels(KernelEncoder? generator, KernelEncoder discriminator, MaskedTokenHead? generatorHead, ReplacedTokenKernel discriminatorHead, ElectraNetworks networks)
    {
        (_generator, _discriminator, _generatorHead, _discriminatorHead) = (generator, discriminator, generatorHead, discriminatorHead);
        _values = TensorMemory.Pointer(networks.Parameters.Values);
        _gradients = TensorMemory.Pointer(networks.Parameters.Gradients);
        (_generatorSize, _discriminatorSize) = (networks.Generator?.Encoder.Config.HiddenSize ?? 0, networks.Discriminator.Encoder.Config.HiddenSize);
    }

    /// <summary>The kernels of both networks, or null where they do not serve one of the encoders.</summary>
    internal static ElectraKernels? TryCreate(ElectraNetworks networks, WorkerTeam team)
    {
        // A generator may be the discriminator's encoder under another head, or not be there at all.
        Encoder[] encoders = networks.Generator is null ? [networks.Discriminator.Encoder] : [networks.Discriminator.Encoder, networks.Generator.Encoder];
        if (Encoder.UseKernels(encoders, networks.Parameters, team) is not { } kernels) return null;

        var offsets = networks.Parameters.Slots.ToDictionary(slot => slot.Parameter.Value.Handle, slot => slot.Offset);
        var generatorHead = networks.Generator is null ? null : MaskedLanguageModelKernels.CreateHead(
            networks.Generator.Encoder, networks.Generator.Parameters, networks.Parameters, networks.Precision, team);
        var discriminatorHead = new ReplacedTokenKernel(new ReplacedTokenHeadShape(
            networks.Discriminator.Encoder.Config.HiddenSize,
            Discriminator("discriminator_predictions.dense.weight"), Discriminator("discriminator_predictions.dense.bias"),
            Discriminator("discriminator_predictions.dense_prediction.weight"), Discriminator("discriminator_predictions.dense_prediction.bias")), team, networks.Precision);
        return new ElectraKernels(kernels.ElementAtOrDefault(1), kernels[0], generatorHead, discriminatorHead, networks);

        long Discriminator(string name) => offsets[networks.Discriminator.Parameters.Single(parameter => parameter.Name == name).Value.Handle];
    }

    /// <summary>The generator guesses hidden tokens and draws replacements.</summary>
    /// <param name="masked">Text with some tokens hidden.</param>
    /// <param name="positions">(M) places in the flattened, padded batch.</param>
    /// <param name="targets">(M) original tokens.</param>
    /// <param name="scale">What one position's loss counts.</param>
    /// <param name="sampling">How replacements are drawn.</param>
    /// <param name="dropout">Null in evaluation, when no gradient is taken.</param>
    /// <exception cref="InvalidOperationException">There is no generator.</exception>
    public MaskedTokenResult Guess(TokenBatch masked, int[] positions, int[] targets, double scale, TokenSampling sampling, Dropout? dropout)
    {
        if (_generator is null || _generatorHead is null) throw new InvalidOperationException("There is no generator to guess.");
        var rows = _generator.Rows(masked, dropout);
        var isTraining = dropout is not null;
        var hidden = _generator.Run(rows, dropout, isTraining, out var pass);
        var gradient = isTraining ? Zeros(ref _hiddenGradient, (long)rows.NumTokens * _generatorSize) : null;
        var compact = Compact(positions, rows, masked.MaxLength);
        var result = _generatorHead.Run(_values, hidden, compact, targets, (float)scale, sampling, gradient, _gradients, version: _generator.Version);
        if (isTraining) _generator.Backward(pass, gradient);
        return result;
    }

    /// <summary>The discriminator judges every token, or those it is asked about.</summary>
    /// <param name="corrupted">Text with replacements in place.</param>
    /// <param name="isReplaced">True where a token of the flattened, padded batch was replaced.</param>
    /// <param name="scale">What one token's loss counts.</param>
    /// <param name="dropout">Null in evaluation, when no gradient is taken.</param>
    /// <param name="judged">Places in the flattened, padded batch, rising; null for all real tokens.</param>
    /// <returns>The loss summed over the judged tokens, not scaled, and logits laid out as the padded batch, 0 elsewhere.</returns>
    public (double Loss, float[] Logits) Judge(TokenBatch corrupted, bool[] isReplaced, double scale, Dropout? dropout, int[]? judged = null)
    {
        var rows = _discriminator.Rows(corrupted, dropout);
        var isTraining = dropout is not null;
        var hidden = _discriminator.Run(rows, dropout, isTraining, out var pass);
        var gradient = isTraining ? Zeros(ref _hiddenGradient, (long)rows.NumTokens * _discriminatorSize) : null;
        var (loss, logits) = judged is null
            ? JudgeAll(corrupted, rows, isReplaced, (float)scale, hidden, gradient)
            : JudgeSome(corrupted, rows, isReplaced, (float)scale, hidden, gradient, judged);
        if (isTraining) _discriminator.Backward(pass, gradient);
        return (loss, logits);
    }

    (double Loss, float[] Logits) JudgeAll(TokenBatch corrupted, TokenRows rows, bool[] isReplaced, float scale, float* hidden, float* gradient)
    {
        var (labels, compact, logits) = (new bool[rows.NumTokens], new float[rows.NumTokens], new float[isReplaced.Length]);
        for (var row = 0; row < corrupted.NumRows; row++)
            isReplaced.AsSpan(row * corrupted.MaxLength, corrupted.Lengths[row]).CopyTo(labels.AsSpan(rows.RowStarts[row]));
        var loss = _discriminatorHead.Run(_values, hidden, labels, scale, compact, gradient, _gradients, _discriminator.Version);
        for (var row = 0; row < corrupted.NumRows; row++)
            compact.AsSpan(rows.RowStarts[row], corrupted.Lengths[row]).CopyTo(logits.AsSpan(row * corrupted.MaxLength));
        return (loss, logits);
    }

    /// <summary>The head runs on the judged tokens' states side by side; their gradients go back to their places.</summary>
    (double Loss, float[] Logits) JudgeSome(TokenBatch corrupted, TokenRows rows, bool[] isReplaced, float scale, float* hidden, float* gradient, int[] judged)
    {
        var (compact, width) = (Compact(judged, rows, corrupted.MaxLength), _discriminatorSize);
        var states = Zeros(ref _judged, 2L * judged.Length * width);
        var stateGradients = gradient is null ? null : states + (nint)judged.Length * width;
        for (var i = 0; i < judged.Length; i++) Copy(hidden + (nint)compact[i] * width, states + (nint)i * width);
        var (some, logits) = (new float[judged.Length], new float[isReplaced.Length]);
        var loss = _discriminatorHead.Run(_values, states, [.. judged.Select(place => isReplaced[place])], scale, some, stateGradients, _gradients, _discriminator.Version);
        for (var i = 0; i < judged.Length; i++)
        {
            logits[judged[i]] = some[i];
            if (gradient is not null) Copy(stateGradients + (nint)i * width, gradient + (nint)compact[i] * width);
        }
        return (loss, logits);

        void Copy(float* from, float* to) => new ReadOnlySpan<float>(from, width).CopyTo(new Span<float>(to, width));
    }

    /// <summary>Frees the heads' memory; the encoders free their own.</summary>
    public void Dispose()
    {
        _generatorHead?.Dispose();
        _discriminatorHead.Dispose();
        _hiddenGradient.Dispose();
        _judged.Dispose();
    }

    /// <summary>Places in the padded batch as places among the real tokens.</summary>
    internal static int[] Compact(int[] positions, TokenRows rows, int maxLength) =>
        [.. positions.Select(position => rows.RowStarts[position / maxLength] + position % maxLength)];

    /// <summary>So many zeros, in a buffer that grows where it must.</summary>
    internal static float* Zeros(ref NativeBuffer buffer, long length)
    {
        if (buffer.Length < length)
        {
            buffer.Dispose();
            buffer = new NativeBuffer(length);
        }
        else System.Runtime.InteropServices.NativeMemory.Clear(buffer.Start, (nuint)length * sizeof(float));
        return buffer.Start;
    }
}
