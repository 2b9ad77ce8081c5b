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

    /// <summary>Puts a head for tokens on an encoder's kernels, which others may use too.</summary>
    internal MaskedLanguageModelKernels(
        KernelEncoder kernels, Encoder encoder, IReadOnlyList<NamedParameter> parameters, ParameterBuffer buffer, Precision precision, WorkerTeam team)
    {
        (_encoder, _hiddenSize) = (kernels, encoder.Config.HiddenSize);
        _head = CreateHead(encoder, parameters, buffer, precision, team);
        _values = TensorMemory.Pointer(buffer.Values);
        _gradients = TensorMemory.Pointer(buffer.Gradients);
    }

    /// <summary>The head for tokens under the names of the encoder's family.</summary>
    internal static MaskedTokenHead CreateHead(
        Encoder encoder, IReadOnlyList<NamedParameter> parameters, ParameterBuffer buffer, Precision precision, WorkerTeam team)
    {
        var config = encoder.Config;
        var offsets = buffer.Slots.ToDictionary(slot => slot.Parameter.Value.Handle, slot => slot.Offset);
        var (dense, layerNorm, bias) = MaskedLanguageModelHead.NamesOf(config.Family);
        return new MaskedTokenHead(new MaskedTokenHeadShape(
            config.HiddenSize, config.EmbeddingSize, config.VocabSize, (float)config.LayerNormEps,
            Offset($"{dense}.weight"), Offset($"{dense}.bias"), Offset($"{layerNorm}.weight"), Offset($"{layerNorm}.bias"),
            offsets[encoder.WordTable.Handle], Offset($"{bias}.bias")), team, precision);

        long Offset(string name) => offsets[parameters.Single(parameter => parameter.Name == name).Value.Handle];
    }

    /// <summary>Begins a pass: the hidden states of all real tokens.</summary>
    /// <param name="batch">Text with some tokens hidden or replaced.</param>
    /// <param name="dropout">Null in evaluation, when no gradient is taken.</param>
    public void Forward(TokenBatch batch, Dropout? dropout)
    {
        var rows = _encoder.Rows(batch, dropout);
        _hidden = _encoder.Run(rows, dropout, keeps: dropout is not null, out var number);
        if (dropout is not null) ElectraKernels.Zeros(ref _hiddenGradient, (long)rows.NumTokens * _hiddenSize);
        _pass = new Pass(rows, batch.MaxLength, number, IsTraining: dropout is not null);
    }

    /// <summary>Guesses tokens, and in training adds the gradients of the guesses.</summary>
    /// <param name="positions">(M) places in the flattened, padded batch.</param>
    /// <param name="targets">(M) original tokens.</param>
    /// <param name="scale">What one position's loss counts.</param>
    /// <param name="sampling">How replacements are drawn, or null for none.</param>
    /// <param name="copying">Chances that the token that stands there is copied, or null.</param>
    public MaskedTokenResult PredictTokens(int[] positions, int[] targets, double scale, TokenSampling? sampling = null, CopyMixture? copying = null)
    {
        var compact = ElectraKernels.Compact(positions, Current.Rows, Current.MaxLength);
        var hiddenGradient = Current.IsTraining ? _hiddenGradient.Start : null;
        return _head.Run(_values, _hidden, compact, targets, (float)scale, sampling, hiddenGradient, _gradients, copying, _encoder.Version);
    }

    /// <summary>(M, H) hidden states at places in the flattened, padded batch, a copy.</summary>
    public Tensor HiddenStates(int[] positions)
    {
        var states = empty(positions.Length, _hiddenSize);
        var target = TensorMemory.Pointer(states);
        foreach (var token in ElectraKernels.Compact(positions, Current.Rows, Current.MaxLength))
        {
            new ReadOnlySpan<float>(_hidden + (nint)token * _hiddenSize, _hiddenSize).CopyTo(new Span<float>(target, _hiddenSize));
            target += _hiddenSize;
        }
        return states;
    }

    /// <summary>Adds a gradient (M, H) of what <see cref="HiddenStates"/> gave.</summary>
    public void AddGradient(int[] positions, Tensor gradient)
    {
        using var contiguous = gradient.contiguous();
        var source = TensorMemory.Pointer(contiguous);
        foreach (var token in ElectraKernels.Compact(positions, Current.Rows, Current.MaxLength))
        {
            var target = _hiddenGradient.Start + (nint)token * _hiddenSize;
            for (var i = 0; i < _hiddenSize; i++) target[i] += source[i];
            source += _hiddenSize;
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

    sealed record Pass(TokenRows Rows, int MaxLength, long Number, bool IsTraining);
}
