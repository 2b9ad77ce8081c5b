using Electra.Numerics;
using Electra.Numerics.Kernels;
using Electra.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Electra.Model;

// Shapes: B rows, T tokens of the longest row, H hidden, n real tokens of all rows.

/// <summary>
/// Runs an encoder by the explicit kernels over the flat parameter buffer instead of torch operations: no padding, and the memory of all that is
/// as large as an activation is kept from step to step. To autograd it is one operation from tokens to hidden states, so that heads and objectives read the same on both paths.
/// </summary>
sealed unsafe class KernelEncoder : IDisposable
{
    readonly EncoderConfig _config;
    readonly ParallelEncoder _encoder;
    readonly ParameterBuffer _buffer;
    readonly int _index;
    readonly float* _values, _gradients;
    NativeBuffer _compact = new(1);

    KernelEncoder(EncoderConfig config, ParameterBuffer buffer, ParallelEncoder encoder, int index)
    {
        (_config, _buffer, _encoder, _index) = (config, buffer, encoder, index);
        _values = TensorMemory.Pointer(buffer.Values);
        _gradients = TensorMemory.Pointer(buffer.Gradients);
    }

    /// <summary>Of its products: float32 also where bfloat16 was asked for and does not serve its sizes.</summary>
    public Precision Precision => _encoder.Precision;

    /// <summary>Names the values that the parameters had in the last pass; null before one.</summary>
    public ulong? Version { get; private set; }

    /// <summary>The kernels for an encoder, or null where they do not serve: another device, precision or activation, or a layout they do not take.</summary>
    /// <param name="config">The encoder's sizes.</param>
    /// <param name="scope">Where its parameters were declared.</param>
    /// <param name="buffer">Where they lie.</param>
    /// <param name="team">The threads.</param>
    /// <param name="index">The encoder's number among dropout sites.</param>
    public static KernelEncoder? TryCreate(EncoderConfig config, ParameterScope scope, ParameterBuffer buffer, WorkerTeam team, int index)
    {
        var isServed = buffer.Values.device_type == DeviceType.CPU && (scope.Precision == Precision.Float32 || BFloat16Product.IsAvailable)
            && config is { HiddenAct: "gelu", NumHiddenLayers: > 0, NumAttentionHeads: <= DropoutMask.MaxHeads };
        if (!isServed) return null;

        var shape = new EncoderShape(
            config.VocabSize, config.MaxPositionEmbeddings, config.TypeVocabSize, config.EmbeddingSize,
            config.HiddenSize, config.NumHiddenLayers, config.NumAttentionHeads, config.IntermediateSize, (float)config.LayerNormEps);
        var offsets = buffer.Slots.ToDictionary(slot => slot.Parameter.Value.Handle, slot => slot.Offset);
        // Another width leaves gaps between query, key and value.
        if (config.HiddenSize % ParameterBuffer.Alignment != 0) return null;
        var layout = EncoderOffsets.ByName(shape, name => offsets[scope.Find(name).Value.Handle]);
        // An encoder too narrow for bfloat16 kernels is computed more exactly.
        var precision = ParallelEncoder.Serves(shape, scope.Precision) ? scope.Precision : Precision.Float32;
        return new KernelEncoder(config, buffer, new ParallelEncoder(shape, layout, team, precision), index);
    }

    /// <summary>Hidden states (B, T, H), zero on padding; part of the graph where gradients are enabled.</summary>
    public Tensor Forward(TokenBatch batch, Dropout? dropout)
    {
        var rows = Rows(batch, dropout);
        if (!is_grad_enabled()) return Run(batch, rows, dropout, keeps: false).Hidden;

        // Autograd follows tensors that want gradients; the parameters' own are added by the kernels, so a placeholder stands for them.
        using var placeholder = zeros(1, requires_grad: true);
        return PassFunction.apply(placeholder, this, batch, rows, dropout!);
    }

    /// <summary>Frees the kernels' memory.</summary>
    public void Dispose()
    {
        _encoder.Dispose();
        _compact.Dispose();
    }

    /// <summary>The batch's real tokens, one row after the other.</summary>
    public TokenRows Rows(TokenBatch batch, Dropout? dropout)
    {
        var starts = new int[batch.NumRows + 1];
        for (var row = 0; row < batch.NumRows; row++) starts[row + 1] = starts[row] + batch.Lengths[row];
        var (ids, types, positions) = (new int[starts[^1]], new int[starts[^1]], new int[starts[^1]]);
        for (var row = 0; row < batch.NumRows; row++)
        {
            var (source, target, length) = (row * batch.MaxLength, starts[row], batch.Lengths[row]);
            batch.Ids.Slice(source, length).CopyTo(ids.AsSpan(target));
            batch.TokenTypes.Slice(source, length).CopyTo(types.AsSpan(target));
            for (var t = 0; t < length; t++) positions[target + t] = _config.FirstPosition + t;
        }
        var places = dropout is null ? new long[batch.NumRows] : [.. dropout.Places.Select(place => (long)place)];
        return new TokenRows(ids, types, positions, starts, places);
    }

    /// <summary>Hidden states (n, H) of real tokens; the pointer is valid until the next call.</summary>
    /// <returns>The states, and what <see cref="Backward(long, float*)"/> needs where they are kept for it.</returns>
    public float* Run(TokenRows rows, Dropout? dropout, bool keeps, out long pass)
    {
        var compact = Compact(rows.NumTokens);
        var dropped = dropout is null ? default : new EncoderDropout(_config.HiddenDropoutProb, _config.AttentionProbsDropoutProb, dropout.Seed, dropout.Step, _index);
        var fingerprint = _buffer.Fingerprint();
        pass = _encoder.Forward(_values, rows, dropped, keeps, compact, isUnchanged: fingerprint == Version);
        Version = fingerprint;
        return compact;
    }

    /// <summary>Adds the gradients of all parameters, given those of the hidden states (n, H).</summary>
    public void Backward(long pass, float* hiddenGradient) => _encoder.Backward(pass, _values, hiddenGradient, _gradients);

    (Tensor Hidden, long Pass) Run(TokenBatch batch, TokenRows rows, Dropout? dropout, bool keeps)
    {
        var compact = Run(rows, dropout, keeps, out var pass);
        var hidden = batch.NumTokens == batch.Ids.Length
            ? empty(batch.NumRows, batch.MaxLength, _config.HiddenSize)
            : zeros(batch.NumRows, batch.MaxLength, _config.HiddenSize);
        Copy(batch, rows, compact, TensorMemory.Pointer(hidden), toPadded: true);
        return (hidden, pass);
    }

    void Backward(long pass, TokenBatch batch, TokenRows rows, Tensor gradient)
    {
        using var contiguous = gradient.contiguous();
        var compact = Compact(rows.NumTokens);
        Copy(batch, rows, compact, TensorMemory.Pointer(contiguous), toPadded: false);
        Backward(pass, compact);
    }

    float* Compact(int numTokens)
    {
        var needed = (long)numTokens * _config.HiddenSize;
        if (_compact.Length < needed)
        {
            _compact.Dispose();
            _compact = new NativeBuffer(needed);
        }
        return _compact.Start;
    }

    void Copy(TokenBatch batch, TokenRows rows, float* compact, float* padded, bool toPadded)
    {
        for (var row = 0; row < batch.NumRows; row++)
        {
            var bytes = (long)batch.Lengths[row] * _config.HiddenSize * sizeof(float);
            var inner = compact + (nint)rows.RowStarts[row] * _config.HiddenSize;
            var outer = padded + (nint)row * batch.MaxLength * _config.HiddenSize;
            if (toPadded) Buffer.MemoryCopy(inner, outer, bytes, bytes);
            else Buffer.MemoryCopy(outer, inner, bytes, bytes);
        }
    }

    /// <summary>The pass as autograd sees it. An exception in <see cref="backward"/> would end the process: all is checked in the forward pass.</summary>
    sealed class PassFunction : autograd.SingleTensorFunction<PassFunction>
    {
        public override string Name => nameof(PassFunction);

        public override Tensor forward(autograd.AutogradContext context, params object[] inputs)
        {
            var (encoder, batch, rows) = ((KernelEncoder)inputs[1], (TokenBatch)inputs[2], (TokenRows)inputs[3]);
            var (hidden, pass) = encoder.Run(batch, rows, (Dropout?)inputs[4], keeps: true);
            context.save_data("pass", (encoder, batch, rows, pass));
            return hidden;
        }

        public override List<Tensor> backward(autograd.AutogradContext context, Tensor gradient)
        {
            var (encoder, batch, rows, pass) = ((KernelEncoder, TokenBatch, TokenRows, long))context.get_data("pass");
            encoder.Backward(pass, batch, rows, gradient);
            return [zeros(1), null!, null!, null!, null!]; // one entry for each input; only the first is a tensor
        }
    }
}
