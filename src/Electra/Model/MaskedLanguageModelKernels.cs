using Electra.Numerics;
using Electra.Numerics.Kernels;
using static TorchSharp.torch;

namespace Electra.Model;

// Shapes: B rows, n real tokens of all rows, M chosen positions, H hidden, V vocabulary.

/// <summary>
/// A masked language model by explicit kernels: a pass runs forward, heads take their losses and leave the gradients of the hidden states, and
/// in training it runs backward. Nothing of the size of (M, V) is kept.
/// </summary>
public sealed unsafe class MaskedLanguageModelKernels : IDisposable
{
    readonly KernelEncoder _encoder;
    readonly MaskedTokenHead _head;
    readonly float* _values, _gradients;
    readonly int _hiddenSize;
    NativeBuffer _hiddenGradient = new(1);
    Pass? _pass;
    float* _hidden;

    MaskedLanguageModelKernels(KernelEncoder encoder, MaskedTokenHead head, ParameterBuffer buffer, int hiddenSize)
    {
        (_encoder, _head, _hiddenSize) = (encoder, head, hiddenSize);
        _values = TensorMemory.Pointer(buffer.Values);
        _gradients = TensorMemory.Pointer(buffer.Gradients);
    }

    /// <summary>The kernels of a network with a head for tokens, or null where they do not serve its encoder.</summary>
    internal static MaskedLanguageModelKernels? TryCreate(PretrainedNetwork network, WorkerTeam team)
    {
        var (buffer, config) = (network.Flatten(), network.Config.Encoder);
        if (network.Encoder.UseKernels(buffer, team) is not { } encoder) return null;
        var offsets = buffer.Slots.ToDictionary(slot => slot.Parameter.Value.Handle, slot => slot.Offset);
        var (dense, layerNorm, bias) = MaskedLanguageModelHead.NamesOf(config.Family);
        var head = new MaskedTokenHead(new MaskedTokenHeadShape(
            config.HiddenSize, config.EmbeddingSize, config.VocabSize, (float)config.LayerNormEps,
            Offset($"{dense}.weight"), Offset($"{dense}.bias"), Offset($"{layerNorm}.weight"), Offset($"{layerNorm}.bias"),
            offsets[network.Encoder.WordTable.Handle], Offset($"{bias}.bias")), team, network.Precision);
        return new MaskedLanguageModelKernels(encoder, head, buffer, config.HiddenSize);

        long Offset(string name) => offsets[network.Parameters.Single(parameter => parameter.Name == name).Value.Handle];
    }

    /// <summary>Begins a pass: the hidden states of all real tokens.</summary>
    /// <param name="batch">Text with some tokens hidden.</param>
    /// <param name="dropout">Null in evaluation, when no gradient is taken.</param>
    public void Forward(TokenBatch batch, Dropout? dropout)
    {
        var rows = _encoder.Rows(batch, dropout);
        _hidden = _encoder.Run(rows, dropout, keeps: dropout is not null, out var number);
        if (dropout is not null) ClearHiddenGradient(rows.NumTokens);
        _pass = new Pass(rows, batch.MaxLength, number, IsTraining: dropout is not null);
    }

    /// <summary>Guesses hidden tokens, and in training adds the gradients of the guesses.</summary>
    /// <param name="positions">(M) places in the flattened, padded batch.</param>
    /// <param name="targets">(M) original tokens.</param>
    /// <param name="scale">What one position's loss counts.</param>
    public MaskedTokenResult PredictTokens(int[] positions, int[] targets, double scale)
    {
        var pass = Current;
        int[] compact = [.. positions.Select(position => pass.Rows.RowStarts[position / pass.MaxLength] + position % pass.MaxLength)];
        return _head.Run(_values, _hidden, compact, targets, (float)scale, sampling: null, pass.IsTraining ? _hiddenGradient.Start : null, _gradients);
    }

    /// <summary>(B, H) hidden states of the first tokens, a copy.</summary>
    public Tensor FirstTokens()
    {
        var first = empty(Current.NumRows, _hiddenSize);
        var target = TensorMemory.Pointer(first);
        for (var row = 0; row < Current.NumRows; row++) new Span<float>(OfRow(_hidden, row), _hiddenSize).CopyTo(new Span<float>(target + row * _hiddenSize, _hiddenSize));
        return first;
    }

    /// <summary>Adds a gradient (B, H) of what <see cref="FirstTokens"/> gave.</summary>
    public void AddGradientOfFirstTokens(Tensor gradient)
    {
        using var contiguous = gradient.contiguous();
        var source = TensorMemory.Pointer(contiguous);
        for (var row = 0; row < Current.NumRows; row++)
        {
            var target = OfRow(_hiddenGradient.Start, row);
            for (var i = 0; i < _hiddenSize; i++) target[i] += source[row * _hiddenSize + i];
        }
    }

    /// <summary>Ends a training pass: adds the gradients of all parameters below the heads.</summary>
    public void Backward() => _encoder.Backward(Current.Number, _hiddenGradient.Start);

    /// <summary>Frees the head's memory; the encoder frees its own.</summary>
    public void Dispose()
    {
        _head.Dispose();
        _hiddenGradient.Dispose();
    }

    Pass Current => _pass ?? throw new InvalidOperationException("A pass begins with Forward.");

    float* OfRow(float* states, int row) => states + (nint)Current.Rows.RowStarts[row] * _hiddenSize;

    /// <summary>Zeros of (n, H).</summary>
    void ClearHiddenGradient(int numTokens)
    {
        var needed = (long)numTokens * _hiddenSize;
        if (_hiddenGradient.Length < needed)
        {
            _hiddenGradient.Dispose();
            _hiddenGradient = new NativeBuffer(needed);
        }
        else _hiddenGradient.Clear();
    }

    sealed record Pass(TokenRows Rows, int MaxLength, long Number, bool IsTraining)
    {
        public int NumRows => Rows.RowStarts.Length - 1;
    }
}
