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
    readonly PositionLoss[] _losses;
    readonly NativeBuffer _bias, _probabilities;
    readonly NativeBuffer[] _logits, _largest, _scratch, _packedOutputs, _left;
    MaskedTokenBuffers<T> _at;
    ulong? _version;
    bool _packsGradient;

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
        _losses = [.. Workers().Select(_ => new PositionLoss(_columns, shape.VocabularySize))];
        _scratch = [.. Workers().Select(_ => NativeBuffer.Of<T>(PackedMatrix<T>.ScratchLength(Math.Max(h, e))))];
        _packedOutputs = [.. Workers().Select(_ => NativeBuffer.Of<T>(T.PackedLength(PositionBlock, e)))];
        _left = [.. Workers().Select(_ => NativeBuffer.Of<T>(T.LeftScratch(PositionBlock)))];
        _at = new MaskedTokenBuffers<T>(shape, positions: 0);
    }

    /// <inheritdoc/>
    public MaskedTokenResult Run(
        float* parameters, float* hidden, int[] positions, int[] labels, float scale, TokenSampling? sampling, float* hiddenGradient, float* gradients,
        CopyMixture? copying, ulong? version)
    {
        var (count, wantsGradient) = (positions.Length, hiddenGradient != null);
        if (_at.MaxPositions < count)
        {
            _at.Dispose();
            _at = new MaskedTokenBuffers<T>(_shape, count);
        }
        foreach (var loss in _losses) loss.Clear();
        var samples = sampling is null ? [] : new int[count];
        for (var m = 0; m < count; m++)
            Conversion.FromFloats(hidden + (nint)positions[m] * _shape.HiddenSize, _at.Input + (nint)m * _shape.HiddenSize, _shape.HiddenSize);
        // The product with the last row reads past it, where more positions may have left what is no number.
        new Span<T>(_at.Input + (nint)count * _shape.HiddenSize, T.RowStep).Clear();
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
        return new MaskedTokenResult(_losses.Sum(loss => loss.Sum), _losses.Sum(loss => loss.NumCorrect), samples);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var linear in _linears) linear.Dispose();
        foreach (var loss in _losses) loss.Dispose();
        foreach (var buffer in _scratch.Concat(_packedOutputs).Concat(_left).Concat(_logits).Concat(_largest).Append(_probabilities).Append(_bias)) buffer.Dispose();
        _dense.Dispose();
        _table.Dispose();
        _at.Dispose();
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
            Bias = parameters + _shape.DenseBias, Input = (Float32*)_at.ActivationInput + offset, Output = (Float32*)_at.Activated + offset, Width = e,
        };
        linear.Forward(_at.Input + (nint)share.First * h, _dense, share.Count, gelu);
        T.Release();
        for (var m = share.First; m < share.End; m++)
        {
            var row = (nint)m * e;
            _at.InverseDeviation[m] = LayerNorm.Forward(
                _at.Activated + row, parameters + _shape.NormWeight, parameters + _shape.NormBias, (Float32*)_at.Normalized + row, e, _shape.NormEpsilon);
            Conversion.FromFloats(_at.Activated + row, _at.Output + row, e);
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
                var sample = _losses[worker].Take(m, logits, largest, labels[m], scale, sampling, copying, gradient);
                if (sampling is not null) samples[m] = sample;
            }
            var e = _shape.EmbeddingSize;
            if (wantsGradient)
                T.Multiply(Probabilities(first - block.First), _stride, _table.Backward, _at.Gradient + (nint)first * e, e, rows.Count, e, _shape.VocabularySize, false);
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
            T.Multiply(_at.Output + (nint)rows.First * e, e, _table.Forward + T.PackedOffset(column, e), logits + column, _stride, rows.Count, count, e, false);
            for (var row = 0; row < rows.Count; row++)
                VocabularyRow.AddBias(logits + (nint)row * _stride + column, _bias.Start + column, count, largest.Start + row * Lanes.Count);
        }
    }

    // The block's part of the gradients of the word embeddings and of the output's bias, for the worker's share of the vocabulary.
    void AddTableGradient(float* gradients, Share block, int worker)
    {
        var (e, tokens) = (_shape.EmbeddingSize, Share(_shape.VocabularySize, worker, Lanes.Count));
        var packed = (T*)_packedOutputs[worker].Start;
        var left = (T*)_left[worker].Start;
        T.PackRows(_at.Output + (nint)block.First * e, e, block.Count, e, packed, 0, block.Count);
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
                _at.Gradient + row, (Float32*)_at.Normalized + row, _at.InverseDeviation[m], parameters + _shape.NormWeight,
                gradients + _shape.NormWeight, gradients + _shape.NormBias, e);
        }
        var gelu = new GeluBackward<Float32>
        {
            Input = (Float32*)_at.ActivationInput, Activation = (Float32*)_at.Activated, Gradient = (Float32*)_at.Gradient, BiasGradient = gradients + _shape.DenseBias, Width = e,
        };
        gelu.Finish(_at.Gradient, e, 0, count, 0, e);
        Conversion.FromFloats(_at.Gradient, _at.OutputGradient, (long)count * e);
        _team.Run(worker =>
        {
            var outputs = Share(e, worker, Lanes.Count);
            _linears[worker].BackwardWeight(_at.OutputGradient, _at.Input, gradients + _shape.DenseWeight, count, h, e, outputs.First, outputs.End);
            var rows = Share(count, worker);
            _linears[worker].BackwardInput(
                _at.OutputGradient + (nint)rows.First * e, _dense, rows.Count, new FloatStore { Output = _at.InputGradient + (nint)rows.First * h, Width = h });
            T.Release();
        });
        for (var m = 0; m < count; m++) RowSums.Add(_at.InputGradient + (nint)m * h, hiddenGradient + (nint)positions[m] * h, h);
    }

    void PadBias(float* parameters)
    {
        var bytes = (long)_shape.VocabularySize * sizeof(float);
        Buffer.MemoryCopy(parameters + _shape.OutputBias, _bias.Start, bytes, bytes);
        for (var j = _shape.VocabularySize; j < _columns; j++) _bias.Start[j] = VocabularyRow.PaddingBias;
    }

    T* Probabilities(int row) => (T*)_probabilities.Start + (nint)row * _stride;

    Share Share(int count, int worker, int step = 1) => new Share(0, count).Part(worker, _team.NumWorkers, step);

    IEnumerable<int> Workers() => Enumerable.Range(0, _team.NumWorkers);
}
