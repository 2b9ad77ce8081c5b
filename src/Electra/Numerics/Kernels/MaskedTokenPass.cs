namespace Electra.Numerics.Kernels;

/// <summary>
/// The work of <see cref="MaskedTokenHead"/>. Each worker takes its share of the positions a few at a time, so that their logits stay in
/// the cache, and leaves their gradients; after <see cref="PositionBlock"/> positions each worker takes a share of the vocabulary and
/// adds the block's part of the table's gradient.
/// </summary>
// Shapes: T tokens, M masked positions, H hidden, E embedding size, V vocabulary.
sealed unsafe class MaskedTokenPass<T> : IMaskedTokenPass where T : unmanaged, IElement<T>
{
    const int PositionBlock = 384, RowsAtOnce = 32;

    readonly MaskedTokenHeadShape _shape;
    readonly WorkerTeam _team;
    readonly int _columns, _stride;
    readonly LinearKernel<T>[] _linears;
    readonly PackedMatrix<T> _dense, _table;
    readonly NativeBuffer _bias, _probabilities;
    readonly NativeBuffer[] _logits, _largest, _weights, _blockSums, _scratch, _packedOutputs, _left;
    readonly double[] _lossSums;
    readonly int[] _numCorrect;
    NativeBuffer? _floats, _elements;
    int _capacity = -1; // no positions have memory too
    ulong? _version;
    bool _packsGradient;
    T* _input, _output, _outputGradient;
    float* _activationInput, _activated, _normalized, _gradient, _inputGradient, _inverseDeviation;

    /// <param name="shape">Sizes and places of the parameters.</param>
    /// <param name="team">The threads; they may serve others between calls.</param>
    public MaskedTokenPass(MaskedTokenHeadShape shape, WorkerTeam team)
    {
        (_shape, _team) = (shape, team);
        var (h, e) = (shape.HiddenSize, shape.EmbeddingSize);
        _dense = new PackedMatrix<T>(h, e);
        _table = new PackedMatrix<T>(e, shape.VocabularySize, Lanes.Count);
        _columns = _table.Columns;
        // Rows a power of two apart would compete for the same few lines of the cache.
        _stride = _columns % 512 == 0 ? _columns + 2 * Lanes.Count : _columns;
        _logits = [.. Workers().Select(_ => new NativeBuffer((long)RowsAtOnce * _stride))];
        _largest = [.. Workers().Select(_ => new NativeBuffer(RowsAtOnce * Lanes.Count))];
        _probabilities = NativeBuffer.Of<T>((long)(PositionBlock + T.RowStep) * _stride);
        _bias = new NativeBuffer(_columns);
        _linears = [.. Workers().Select(_ => new LinearKernel<T>(Math.Max(h, e), Math.Max(h, e), PositionBlock))];
        _weights = [.. Workers().Select(_ => new NativeBuffer(_columns))];
        _blockSums = [.. Workers().Select(_ => new NativeBuffer(_columns / VocabularyRow.SumBlock + 1))];
        _scratch = [.. Workers().Select(_ => NativeBuffer.Of<T>(PackedMatrix<T>.ScratchLength(Math.Max(h, e))))];
        _packedOutputs = [.. Workers().Select(_ => NativeBuffer.Of<T>(T.PackedLength(PositionBlock, e)))];
        _left = [.. Workers().Select(_ => NativeBuffer.Of<T>(T.LeftScratch(PositionBlock)))];
        (_lossSums, _numCorrect) = (new double[team.NumWorkers], new int[team.NumWorkers]);
    }

    /// <inheritdoc/>
    public MaskedTokenResult Run(
        float* parameters, float* hidden, int[] positions, int[] labels, float scale, TokenSampling? sampling, float* hiddenGradient, float* gradients,
        CopyMixture? copying, ulong? version)
    {
        var (count, wantsGradient) = (positions.Length, hiddenGradient != null);
        EnsureCapacity(count);
        Array.Clear(_lossSums);
        Array.Clear(_numCorrect);
        var samples = sampling is null ? [] : new int[count];
        for (var m = 0; m < count; m++)
            Conversion.FromFloats(hidden + (nint)positions[m] * _shape.HiddenSize, _input + (nint)m * _shape.HiddenSize, _shape.HiddenSize);
        // The product with the last row reads past it, where more positions may have left what is no number.
        new Span<T>(_input + (nint)count * _shape.HiddenSize, T.RowStep).Clear();
        PadBias(parameters);
        if (version is null || version != _version || (wantsGradient && !_packsGradient)) Pack(parameters, wantsGradient);
        _version = version;
        _team.Run(worker => Transform(parameters, Share(count, worker), _linears[worker]));
        for (var first = 0; first < count; first += PositionBlock)
        {
            var block = new Share(first, Math.Min(first + PositionBlock, count));
            _team.Run(worker => Predict(block, worker, labels, scale, sampling, copying, samples, wantsGradient));
            if (wantsGradient) _team.Run(worker => AddTableGradient(gradients, block, worker));
        }
        if (wantsGradient) Backward(parameters, positions, hiddenGradient, gradients);
        return new MaskedTokenResult(_lossSums.Sum(), _numCorrect.Sum(), samples);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var linear in _linears) linear.Dispose();
        foreach (var buffer in _weights.Concat(_blockSums).Concat(_scratch).Concat(_packedOutputs).Concat(_left).Concat(_logits).Concat(_largest).Append(_probabilities).Append(_bias)) buffer.Dispose();
        _dense.Dispose();
        _table.Dispose();
        _floats?.Dispose();
        _elements?.Dispose();
    }

    void Pack(float* parameters, bool wantsGradient)
    {
        _packsGradient = wantsGradient;
        if (wantsGradient)
        {
            _dense.PrepareBackward();
            _table.PrepareBackward();
        }
        _team.Run(worker =>
        {
            Pack(_dense, parameters + _shape.DenseWeight, worker, wantsGradient);
            Pack(_table, parameters + _shape.WordEmbeddings, worker, wantsGradient);
        });
    }

    void Pack(PackedMatrix<T> matrix, float* weight, int worker, bool wantsGradient)
    {
        var parts = Share(matrix.Parts, worker);
        for (var part = parts.First; part < parts.End; part++) matrix.Pack(weight, part, wantsGradient, (T*)_scratch[worker].Start);
    }

    // dense, GELU, normalisation of the worker's positions, in float32 but for the product: they are few.
    void Transform(float* parameters, Share share, LinearKernel<T> linear)
    {
        var (h, e) = (_shape.HiddenSize, _shape.EmbeddingSize);
        var offset = (nint)share.First * e;
        var gelu = new Gelu<Float32>
        {
            Bias = parameters + _shape.DenseBias, Input = (Float32*)_activationInput + offset, Output = (Float32*)_activated + offset, Width = e,
        };
        linear.Forward(_input + (nint)share.First * h, _dense, share.Count, gelu);
        T.Release();
        for (var m = share.First; m < share.End; m++)
        {
            var row = (nint)m * e;
            _inverseDeviation[m] = LayerNorm.Forward(
                _activated + row, parameters + _shape.NormWeight, parameters + _shape.NormBias, (Float32*)_normalized + row, e, _shape.NormEpsilon);
            Conversion.FromFloats(_activated + row, _output + row, e);
        }
    }

    // The worker's positions of a block: loss, draw, gradient of the logits, and gradient of the head's output.
    void Predict(Share block, int worker, int[] labels, float scale, TokenSampling? sampling, CopyMixture? copying, int[] samples, bool wantsGradient)
    {
        var share = block.Part(worker, _team.NumWorkers, T.RowStep);
        for (var first = share.First; first < share.End; first += RowsAtOnce)
        {
            var rows = new Share(first, Math.Min(first + RowsAtOnce, share.End));
            ComputeLogits(rows, worker);
            for (var m = rows.First; m < rows.End; m++)
            {
                var logits = _logits[worker].Start + (nint)(m - first) * _stride;
                var largest = VocabularyRow.Largest(_largest[worker].Start + (m - first) * Lanes.Count, Lanes.Count);
                var gradient = wantsGradient ? Probabilities(m - block.First) : null;
                _lossSums[worker] += PredictRow(m, logits, largest, labels[m], worker, scale, sampling, copying, gradient, out var sample);
                if (sampling is not null) samples[m] = sample;
            }
            var e = _shape.EmbeddingSize;
            if (wantsGradient)
                T.Multiply(Probabilities(first - block.First), _stride, _table.Backward, _gradient + (nint)first * e, e, rows.Count, e, _shape.VocabularySize, false);
        }
        T.Release();
    }

    // Panel by panel, so that the bias is added and the largest found while they are in the cache.
    void ComputeLogits(Share rows, int worker)
    {
        var (e, width) = (_shape.EmbeddingSize, T.ColumnBlock(_columns));
        var logits = _logits[worker].Start;
        var largest = _largest[worker];
        largest.Span.Fill(float.NegativeInfinity);
        for (var column = 0; column < _columns; column += width)
        {
            var count = Math.Min(width, _columns - column);
            T.Multiply(_output + (nint)rows.First * e, e, _table.Forward + T.PackedOffset(column, e), logits + column, _stride, rows.Count, count, e, false);
            for (var row = 0; row < rows.Count; row++)
                VocabularyRow.AddBias(logits + (nint)row * _stride + column, _bias.Start + column, count, largest.Start + row * Lanes.Count);
        }
    }

    double PredictRow(
        int m, float* logits, float largest, int label, int worker, float scale, TokenSampling? sampling, CopyMixture? copying, T* gradient, out int sample)
    {
        var uniform = sampling?.Uniforms[m] ?? 0;
        var weights = _weights[worker].Start;
        var blockSums = _blockSums[worker].Start;
        var labelLogit = logits[label];
        if (labelLogit >= largest) _numCorrect[worker]++;

        double total;
        if (sampling is { Temperature: not 1, ExcludesLabel: false })
        {
            (total, var weightTotal) = VocabularyRow.BothExponentials(logits, weights, _columns, largest, sampling.Temperature, blockSums);
            sample = VocabularyRow.Draw(weights, _shape.VocabularySize, blockSums, weightTotal, uniform);
        }
        else
        {
            sample = sampling is { ExcludesLabel: true } ? DrawAnother(logits, label, largest, sampling, uniform, weights, blockSums) : -1;
            total = VocabularyRow.Exponentials(logits, logits, _columns, largest, 1, blockSums);
            if (sampling is { ExcludesLabel: false }) sample = VocabularyRow.Draw(logits, _shape.VocabularySize, blockSums, total, uniform);
        }
        var loss = largest + Math.Log(total) - labelLogit;
        if (copying is not null) (loss, scale) = copying.Mix(m, loss, scale);
        if (gradient != null) VocabularyRow.Gradient(logits, gradient, _columns, label, (float)(scale / total), scale);
        return loss;
    }

    // Any token but the label.
    int DrawAnother(float* logits, int label, float largest, TokenSampling sampling, float uniform, float* weights, float* blockSums)
    {
        var labelLogit = logits[label];
        logits[label] = VocabularyRow.PaddingBias;
        if (labelLogit >= largest) largest = VocabularyRow.Largest(logits, _columns);
        var total = VocabularyRow.Exponentials(logits, weights, _columns, largest, sampling.Temperature, blockSums);
        logits[label] = labelLogit;
        return VocabularyRow.Draw(weights, _shape.VocabularySize, blockSums, total, uniform);
    }

    // The block's part of the gradients of the word embeddings and of the output's bias, for the worker's share of the vocabulary.
    void AddTableGradient(float* gradients, Share block, int worker)
    {
        var (e, tokens) = (_shape.EmbeddingSize, Share(_shape.VocabularySize, worker, Lanes.Count));
        var packed = (T*)_packedOutputs[worker].Start;
        var left = (T*)_left[worker].Start;
        T.PackRows(_output + (nint)block.First * e, e, block.Count, e, packed, 0, block.Count);
        for (var first = tokens.First; first < tokens.End; first += T.RowBlock)
        {
            var count = Math.Min(T.RowBlock, tokens.End - first);
            // The sums come first: they bring the columns into the cache.
            RowSums.AddColumns(Probabilities(0) + first, _stride, block.Count, count, gradients + _shape.OutputBias + first);
            T.MultiplyTransposed(
                Probabilities(0) + first, _stride, packed, gradients + _shape.WordEmbeddings + (nint)first * e, e, count, e, block.Count, true, left);
        }
        T.Release();
    }

    void Backward(float* parameters, int[] positions, float* hiddenGradient, float* gradients)
    {
        var (h, e, count) = (_shape.HiddenSize, _shape.EmbeddingSize, positions.Length);
        for (var m = 0; m < count; m++)
        {
            var row = (nint)m * e;
            LayerNorm.Backward(
                _gradient + row, (Float32*)_normalized + row, _inverseDeviation[m], parameters + _shape.NormWeight,
                gradients + _shape.NormWeight, gradients + _shape.NormBias, e);
        }
        var gelu = new GeluBackward<Float32>
        {
            Input = (Float32*)_activationInput, Activation = (Float32*)_activated, Gradient = (Float32*)_gradient, BiasGradient = gradients + _shape.DenseBias, Width = e,
        };
        gelu.Finish(_gradient, e, 0, count, 0, e);
        Conversion.FromFloats(_gradient, _outputGradient, (long)count * e);
        _team.Run(worker =>
        {
            var outputs = Share(e, worker, Lanes.Count);
            _linears[worker].BackwardWeight(_outputGradient, _input, gradients + _shape.DenseWeight, count, h, e, outputs.First, outputs.End);
            var rows = Share(count, worker);
            _linears[worker].BackwardInput(
                _outputGradient + (nint)rows.First * e, _dense, rows.Count, new FloatStore { Output = _inputGradient + (nint)rows.First * h, Width = h });
            T.Release();
        });
        for (var m = 0; m < count; m++) RowSums.Add(_inputGradient + (nint)m * h, hiddenGradient + (nint)positions[m] * h, h);
    }

    void PadBias(float* parameters)
    {
        var bytes = (long)_shape.VocabularySize * sizeof(float);
        Buffer.MemoryCopy(parameters + _shape.OutputBias, _bias.Start, bytes, bytes);
        for (var j = _shape.VocabularySize; j < _columns; j++) _bias.Start[j] = VocabularyRow.PaddingBias;
    }

    void EnsureCapacity(int positions)
    {
        if (_capacity >= positions) return;
        _floats?.Dispose();
        _elements?.Dispose();
        _capacity = positions;
        var (h, e, rows) = ((long)_shape.HiddenSize, (long)_shape.EmbeddingSize, (long)positions + T.RowStep);
        _floats = new NativeBuffer(rows * (h + 4 * e + 1));
        _inputGradient = _floats.Start;
        _activationInput = _inputGradient + rows * h;
        _activated = _activationInput + rows * e;
        _normalized = _activated + rows * e;
        _gradient = _normalized + rows * e;
        _inverseDeviation = _gradient + rows * e;
        _elements = NativeBuffer.Of<T>(rows * (h + 2 * e));
        _input = (T*)_elements.Start;
        _output = _input + rows * h;
        _outputGradient = _output + rows * e;
    }

    T* Probabilities(int row) => (T*)_probabilities.Start + (nint)row * _stride;

    Share Share(int count, int worker, int step = 1) => new Share(0, count).Part(worker, _team.NumWorkers, step);

    IEnumerable<int> Workers() => Enumerable.Range(0, _team.NumWorkers);
}
