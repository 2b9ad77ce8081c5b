namespace Electra.Numerics.Kernels;

/// <summary>
/// A masked language modelling head (Devlin et al. 2019, section 3.1) for the masked positions alone: dense, GELU, layer
/// normalisation, logits over the vocabulary with the word embeddings as weights, cross entropy. The gradient and a draw from
/// the distribution come out of the same pass. Positions are treated in blocks, so that never more than
/// <see cref="PositionBlock"/> rows of logits exist.
/// </summary>
// Shapes: T tokens, M masked positions, H hidden, E embedding size, V vocabulary.
public sealed unsafe class MaskedTokenHead : IDisposable
{
    const int PositionBlock = 192;

    readonly MaskedTokenHeadShape _shape;
    readonly WorkerTeam _team;
    readonly int _columns;
    readonly LinearKernel[] _linears;
    readonly NativeBuffer _logits, _bias, _packedForward, _packedBackward;
    readonly NativeBuffer[] _weights, _blockSums;
    readonly double[] _lossSums;
    readonly int[] _numCorrect;
    NativeBuffer? _activations;
    int _capacity;
    float* _input, _dense, _activated, _normalized, _output, _gradient, _inputGradient, _inverseDeviation;

    /// <param name="shape">Sizes and places of the parameters.</param>
    /// <param name="team">The threads; they may serve others between calls.</param>
    public MaskedTokenHead(MaskedTokenHeadShape shape, WorkerTeam team)
    {
        (_shape, _team) = (shape, team);
        _columns = (int)Packing.RoundUp(shape.VocabularySize, MicroKernel.Columns);
        _logits = new NativeBuffer((long)PositionBlock * _columns);
        _bias = new NativeBuffer(_columns);
        _packedForward = new NativeBuffer(Packing.Length(shape.EmbeddingSize, _columns));
        _packedBackward = new NativeBuffer(Packing.Length(shape.VocabularySize, shape.EmbeddingSize));
        var packed = Math.Max(LinearKernel.PackedLength(shape.HiddenSize, shape.EmbeddingSize, 0), Packing.Length(PositionBlock, shape.EmbeddingSize));
        _linears = [.. Workers().Select(_ => new LinearKernel(packed))];
        _weights = [.. Workers().Select(_ => new NativeBuffer(_columns))];
        _blockSums = [.. Workers().Select(_ => new NativeBuffer(_columns / VocabularyRow.SumBlock + 1))];
        (_lossSums, _numCorrect) = (new double[team.NumWorkers], new int[team.NumWorkers]);
    }

    /// <summary>Computes loss and gradients, and draws replacements.</summary>
    /// <param name="parameters">The flat buffer.</param>
    /// <param name="hidden">(T, H).</param>
    /// <param name="positions">(M) rows of <paramref name="hidden"/>.</param>
    /// <param name="labels">(M) ids of the original tokens.</param>
    /// <param name="scale">What one position's loss counts: 1 / the global number of masked positions.</param>
    /// <param name="sampling">How replacements are drawn, or null for none.</param>
    /// <param name="hiddenGradient">(T, H), added to at the positions; null for no gradients at all.</param>
    /// <param name="gradients">The flat buffer of gradients, added to.</param>
    /// <exception cref="ArgumentException">Labels or draws are not as many as the positions, or a label is no token.</exception>
    public MaskedTokenResult Run(
        float* parameters, float* hidden, int[] positions, int[] labels, float scale, TokenSampling? sampling, float* hiddenGradient, float* gradients)
    {
        Validate(positions, labels, sampling);
        var count = positions.Length;
        EnsureCapacity(count);
        Array.Clear(_lossSums);
        Array.Clear(_numCorrect);
        var samples = sampling is null ? [] : new int[count];
        for (var m = 0; m < count; m++)
            Copy(hidden + (nint)positions[m] * _shape.HiddenSize, _input + (nint)m * _shape.HiddenSize, _shape.HiddenSize);
        PadBias(parameters);

        _team.Run(worker =>
        {
            PackTable(parameters, worker, hiddenGradient != null);
            Transform(parameters, Share(count, worker), _linears[worker]);
        });
        for (var first = 0; first < count; first += PositionBlock)
        {
            var block = new Share(first, Math.Min(first + PositionBlock, count));
            _team.Run(worker => Predict(block, worker, labels, scale, sampling, samples, hiddenGradient != null));
            if (hiddenGradient != null) _team.Run(worker => AddTableGradient(gradients, block, worker));
        }
        if (hiddenGradient != null) Backward(parameters, positions, hiddenGradient, gradients);
        return new MaskedTokenResult(_lossSums.Sum(), _numCorrect.Sum(), samples);
    }

    /// <summary>Frees the memory; the team stays.</summary>
    public void Dispose()
    {
        foreach (var linear in _linears) linear.Dispose();
        foreach (var buffer in _weights.Concat(_blockSums).Append(_logits).Append(_bias).Append(_packedForward).Append(_packedBackward)) buffer.Dispose();
        _activations?.Dispose();
    }

    // dense, GELU, normalisation of the worker's positions.
    void Transform(float* parameters, Share share, LinearKernel linear)
    {
        var (h, e) = (_shape.HiddenSize, _shape.EmbeddingSize);
        var offset = (nint)share.First * e;
        var gelu = new Gelu { Rows = _dense + offset, Bias = parameters + _shape.DenseBias, Output = _activated + offset, Width = e };
        linear.Forward(_input + (nint)share.First * h, parameters + _shape.DenseWeight, _dense + offset, share.Count, h, e, gelu);
        for (var m = share.First; m < share.End; m++)
        {
            var row = (nint)m * e;
            _inverseDeviation[m] = LayerNorm.Forward(
                _activated + row, parameters + _shape.NormWeight, parameters + _shape.NormBias, _normalized + row, _output + row, e, _shape.NormEpsilon);
        }
    }

    // Logits of the worker's positions of a block: loss, draw, gradient in place, and the gradient of the head's output.
    void Predict(Share block, int worker, int[] labels, float scale, TokenSampling? sampling, int[] samples, bool wantsGradient)
    {
        var share = block.Part(worker, _team.NumWorkers);
        var e = _shape.EmbeddingSize;
        var offset = (nint)share.First * e;
        var logits = Logits(share.First - block.First);
        Gemm.Multiply(_output + offset, e, _packedForward.Start, logits, _columns, share.Count, _columns, e, false);       // (M, V)
        for (var m = share.First; m < share.End; m++, logits += _columns)
        {
            var uniform = sampling?.Uniforms[m] ?? 0;
            var loss = PredictRow(logits, labels[m], worker, scale, sampling, uniform, wantsGradient, out var sample);
            _lossSums[worker] += loss;
            if (sampling is not null) samples[m] = sample;
        }
        if (!wantsGradient) return;
        Gemm.Multiply(Logits(share.First - block.First), _columns, _packedBackward.Start, _gradient + offset, e, share.Count, e, _shape.VocabularySize, false);
    }

    double PredictRow(float* logits, int label, int worker, float scale, TokenSampling? sampling, float uniform, bool wantsGradient, out int sample)
    {
        var (weights, blockSums) = (_weights[worker], _blockSums[worker]);
        var largest = VocabularyRow.AddBias(logits, _bias.Start, _columns);
        var labelLogit = logits[label];
        if (labelLogit >= largest) _numCorrect[worker]++;

        var drawsApart = sampling is { Temperature: not 1 } or { ExcludesLabel: true };
        sample = drawsApart ? DrawApart(logits, label, largest, sampling!, uniform, weights.Start, blockSums.Start) : -1;
        var total = VocabularyRow.Exponentials(logits, logits, _columns, largest, 1, blockSums.Start);
        if (!drawsApart) sample = VocabularyRow.Draw(logits, _shape.VocabularySize, blockSums.Start, total, uniform);
        if (wantsGradient) VocabularyRow.Gradient(logits, _columns, label, (float)(scale / total), scale);
        return largest + Math.Log(total) - labelLogit;
    }

    // The distribution that is drawn from differs from the one the loss is taken of.
    int DrawApart(float* logits, int label, float largest, TokenSampling sampling, float uniform, float* weights, float* blockSums)
    {
        var labelLogit = logits[label];
        if (sampling.ExcludesLabel)
        {
            logits[label] = VocabularyRow.PaddingBias;
            if (labelLogit >= largest) largest = VocabularyRow.Largest(logits, _columns);
        }
        var total = VocabularyRow.Exponentials(logits, weights, _columns, largest, sampling.Temperature, blockSums);
        logits[label] = labelLogit;
        return VocabularyRow.Draw(weights, _shape.VocabularySize, blockSums, total, uniform);
    }

    // The block's part of the gradients of the word embeddings and of the output's bias, for the worker's share of the vocabulary.
    void AddTableGradient(float* gradients, Share block, int worker)
    {
        var (e, tokens) = (_shape.EmbeddingSize, Share(_shape.VocabularySize, worker));
        var output = _output + (nint)block.First * e;
        _linears[worker].BackwardWeight(
            Logits(0), output, gradients + _shape.WordEmbeddings, block.Count, e, _columns, tokens.First, tokens.End);
        for (var m = 0; m < block.Count; m++)
            BiasAdd.Add(Logits(m) + tokens.First, gradients + _shape.OutputBias + tokens.First, tokens.Count);
    }

    void Backward(float* parameters, int[] positions, float* hiddenGradient, float* gradients)
    {
        var (h, e, count) = (_shape.HiddenSize, _shape.EmbeddingSize, positions.Length);
        for (var m = 0; m < count; m++)
        {
            var row = (nint)m * e;
            LayerNorm.Backward(
                _gradient + row, _normalized + row, _inverseDeviation[m], parameters + _shape.NormWeight,
                gradients + _shape.NormWeight, gradients + _shape.NormBias, e);
        }
        new GeluBackward { Input = _dense, Activation = _activated, Gradient = _gradient, BiasGradient = gradients + _shape.DenseBias, Width = e }.Finish(0, count);
        _team.Run(worker =>
        {
            var outputs = Share(e, worker);
            for (var first = 0; first < count; first += PositionBlock)
            {
                _linears[worker].BackwardWeight(
                    _gradient + (nint)first * e, _input + (nint)first * h, gradients + _shape.DenseWeight,
                    Math.Min(PositionBlock, count - first), h, e, outputs.First, outputs.End);
            }
            var rows = Share(count, worker);
            _linears[worker].BackwardInput(
                _gradient + (nint)rows.First * e, parameters + _shape.DenseWeight, _inputGradient + (nint)rows.First * h, rows.Count, h, e);
        });
        for (var m = 0; m < count; m++) BiasAdd.Add(_inputGradient + (nint)m * h, hiddenGradient + (nint)positions[m] * h, h);
    }

    void PackTable(float* parameters, int worker, bool wantsGradient)
    {
        var e = _shape.EmbeddingSize;
        var table = parameters + _shape.WordEmbeddings;
        var columns = Share(_shape.VocabularySize, worker, MicroKernel.Columns);
        Packing.PackTransposed(table, e, e, _shape.VocabularySize, _packedForward.Start, columns.First, columns.End);
        if (!wantsGradient) return;
        var rows = Share(_shape.VocabularySize, worker, Packing.DepthBlock);
        var target = _packedBackward.Start + rows.First * (nint)Packing.RoundUp(e, MicroKernel.Columns);
        Packing.PackRows(table + (nint)rows.First * e, e, rows.Count, e, target);
    }

    void PadBias(float* parameters)
    {
        Copy(parameters + _shape.OutputBias, _bias.Start, _shape.VocabularySize);
        for (var j = _shape.VocabularySize; j < _columns; j++) _bias.Start[j] = VocabularyRow.PaddingBias;
    }

    void Validate(int[] positions, int[] labels, TokenSampling? sampling)
    {
        if (labels.Length != positions.Length) throw new ArgumentException($"{positions.Length} positions need as many labels, not {labels.Length}.", nameof(labels));
        if (sampling is not null && sampling.Uniforms.Length != positions.Length)
            throw new ArgumentException($"{positions.Length} positions need as many draws, not {sampling.Uniforms.Length}.", nameof(sampling));
        foreach (var label in labels)
            if ((uint)label >= (uint)_shape.VocabularySize) throw new ArgumentException($"Label {label} lies outside the vocabulary of {_shape.VocabularySize}.", nameof(labels));
    }

    void EnsureCapacity(int positions)
    {
        if (_capacity >= positions) return;
        _activations?.Dispose();
        _capacity = positions;
        var (h, e) = ((long)_shape.HiddenSize, (long)_shape.EmbeddingSize);
        _activations = new NativeBuffer(positions * (2 * h + 5 * e + 1));
        _input = _activations.Start;
        _inputGradient = _input + positions * h;
        _dense = _inputGradient + positions * h;
        _activated = _dense + positions * e;
        _normalized = _activated + positions * e;
        _output = _normalized + positions * e;
        _gradient = _output + positions * e;
        _inverseDeviation = _gradient + positions * e;
    }

    float* Logits(int row) => _logits.Start + (nint)row * _columns;

    Share Share(int count, int worker, int step = 1) => new Share(0, count).Part(worker, _team.NumWorkers, step);

    IEnumerable<int> Workers() => Enumerable.Range(0, _team.NumWorkers);

    static void Copy(float* from, float* to, long length) => Buffer.MemoryCopy(from, to, length * sizeof(float), length * sizeof(float));
}
