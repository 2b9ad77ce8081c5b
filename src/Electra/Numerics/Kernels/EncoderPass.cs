using Electra.Randomness;

namespace Electra.Numerics.Kernels;

/// <summary>One worker's forward and backward pass over its share of the rows.</summary>
// Shapes: T tokens of all rows, H hidden, F intermediate, E embedding size.
sealed unsafe class EncoderPass<T>(EncoderShape shape, EncoderOffsets offsets, EncoderWeights<T> weights) : IEncoderPass where T : unmanaged, IElement<T>
{
    EncoderBuffers<T>? _kept, _transient;
    RowShare _rows;
    bool _accumulates;

    int Tokens => _rows.NumTokens;

    public void Dispose()
    {
        _kept?.Dispose();
        _transient?.Dispose();
    }

    /// <summary>Computes the hidden states of rows [firstRow, endRow).</summary>
    /// <param name="parameters">The flat buffer.</param>
    /// <param name="hidden">(T, H) of these rows.</param>
    /// <param name="keeps">True when a backward pass follows.</param>
    public void Forward(
        float* parameters, TokenRows rows, int firstRow, int endRow, in EncoderDropout dropout, bool keeps, float* hidden)
    {
        var rowsBefore = _rows;
        _rows = new RowShare(rows, firstRow, endRow, dropout);
        if (Tokens > 0)
        {
            var buffers = Prepare(keeps);
            var input = Embed(parameters, buffers);
            for (var layer = 0; layer < shape.NumLayers; layer++)
            {
                ForwardLayer(parameters, buffers, layer, input, layer == shape.NumLayers - 1 ? hidden : null, keeps);
                input = buffers.Layers[layer].Output;
            }
            T.Release();
        }
        // A pass that keeps nothing leaves the one that waits for its backward pass alone.
        if (!keeps) _rows = rowsBefore;
    }

    /// <summary>Adds the gradients of the last kept forward pass, all but the word embeddings'.</summary>
    /// <param name="parameters">The flat buffer, as in the forward pass.</param>
    /// <param name="hiddenGradient">(T, H) of these rows; overwritten.</param>
    /// <param name="gradients">Where gradients are added.</param>
    /// <param name="at">The layout of <paramref name="gradients"/>.</param>
    /// <param name="overwritesMatrices">True where the matrices' gradients are not added to what is there but take its place.</param>
    /// <returns>False where there are no rows and nothing was done.</returns>
    public bool Backward(float* parameters, float* hiddenGradient, float* gradients, EncoderOffsets at, bool overwritesMatrices)
    {
        if (Tokens == 0) return false;
        _accumulates = !overwritesMatrices;
        var buffers = _kept!;
        OutputNormBackward(parameters, gradients, at, shape.NumLayers - 1).Finish(hiddenGradient, shape.HiddenSize, 0, Tokens, 0, shape.HiddenSize);
        for (var layer = shape.NumLayers - 1; layer >= 0; layer--)
            BackwardLayer(parameters, buffers, layer, layer == 0 ? buffers.Projected : buffers.Layers[layer - 1].Output, gradients, at);
        EmbedBackward(parameters, buffers, gradients, at);
        T.Release();
        return true;
    }

    /// <summary>Adds the word embeddings' gradients of one share of the vocabulary.</summary>
    /// <param name="table">(vocabulary, E), added to.</param>
    public void ScatterWords(float* table, int share, int shares)
    {
        if (Tokens > 0) WordScatter.Add(_rows.Of(_rows.Tokens.Ids), _kept!.WordGradient, table, shape.EmbeddingSize, share, shares);
    }

    EncoderBuffers<T> Prepare(bool keeps)
    {
        ref var buffers = ref keeps ? ref _kept : ref _transient;
        if (buffers is null || buffers.MaxTokens < Tokens || buffers.Attention.MaxTokens < _rows.LongestRow)
        {
            var (tokens, row) = (Math.Max(Tokens, buffers?.MaxTokens ?? 0), Math.Max(_rows.LongestRow, buffers?.Attention.MaxTokens ?? 0));
            buffers?.Dispose();
            buffers = new EncoderBuffers<T>(shape, tokens, row, keeps);
        }
        _rows.Of(_rows.Tokens.Ids).CopyTo(new Span<int>(buffers.Ids, Tokens));
        _rows.Of(_rows.Tokens.Types).CopyTo(new Span<int>(buffers.Types, Tokens));
        _rows.Of(_rows.Tokens.Positions).CopyTo(new Span<int>(buffers.Positions, Tokens));
        for (var row = _rows.First; row < _rows.End; row++)
        {
            var (start, count) = _rows.Place(row);
            for (var token = 0; token < count; token++) buffers.Indices[start + token] = token;
        }
        return buffers;
    }

    T* Embed(float* parameters, EncoderBuffers<T> buffers)
    {
        Embeddings(parameters, buffers).Forward(buffers.Embeddings, Tokens);
        if (weights.Projection is not { } projection) return buffers.Embeddings;
        var store = new ProductStore<T> { Output = buffers.Projected, Bias = parameters + offsets.ProjectionBias, Width = shape.HiddenSize };
        buffers.Linear.Forward(buffers.Embeddings, projection, Tokens, store);
        return buffers.Projected;
    }

    void ForwardLayer(float* parameters, EncoderBuffers<T> buffers, int layer, T* input, float* hidden, bool keeps)
    {
        var (at, matrices, kept, h) = (offsets.Layers[layer], weights.Layers[layer], buffers.Layers[layer], shape.HiddenSize);

        var store = new ProductStore<T> { Output = kept.QueryKeyValue, Bias = parameters + at.QueryKeyValueBias, Width = 3 * h };
        buffers.Linear.Forward(input, matrices.QueryKeyValue, Tokens, store);                                                    // (T, 3 H)
        RowAttention.Forward(_rows, shape, buffers, layer);                                                                      // (T, H)

        var attentionNorm = new ResidualNorm<T>
        {
            Bias = parameters + at.AttentionOutputBias, Residual = input,
            Weight = parameters + at.AttentionNormWeight, Shift = parameters + at.AttentionNormBias,
            Normalized = kept.AttentionNormalized, InverseDeviation = kept.AttentionInverseDeviation, Output = kept.AttentionOutput,
            Width = h, Epsilon = shape.NormEpsilon, Dropout = Dropout(buffers, layer, DropoutSublayer.AttentionOutput, h),
        };
        buffers.Linear.Forward(kept.Context, matrices.AttentionOutput, Tokens, attentionNorm);                                   // (T, H)

        var gelu = new Gelu<T> { Bias = parameters + at.IntermediateBias, Input = kept.Intermediate, Output = buffers.Activation, Width = shape.IntermediateSize };
        buffers.Linear.Forward(kept.AttentionOutput, matrices.Intermediate, Tokens, gelu);                                       // (T, F)

        var outputNorm = new ResidualNorm<T>
        {
            Bias = parameters + at.OutputBias, Residual = kept.AttentionOutput,
            Weight = parameters + at.OutputNormWeight, Shift = parameters + at.OutputNormBias,
            Normalized = kept.OutputNormalized, InverseDeviation = kept.OutputInverseDeviation, Output = hidden == null ? kept.Output : null, FloatOutput = hidden,
            Width = h, Epsilon = shape.NormEpsilon, Dropout = Dropout(buffers, layer, DropoutSublayer.FeedForwardOutput, h),
        };
        buffers.Linear.Forward(buffers.Activation, matrices.Output, Tokens, outputNorm);                                         // (T, H)
    }

    // On entry the gradients of the residual stream and of the feed-forward network's output are there; on exit those of the layer below.
    void BackwardLayer(float* parameters, EncoderBuffers<T> buffers, int layer, T* input, float* gradients, EncoderOffsets gradientAt)
    {
        var (at, to, kept, h, f) = (offsets.Layers[layer], gradientAt.Layers[layer], buffers.Layers[layer], shape.HiddenSize, shape.IntermediateSize);
        var (linear, matrices) = (buffers.Linear, weights.Layers[layer]);

        var gelu = new GeluBackward<T>
        {
            Input = kept.Intermediate, Activation = buffers.Activation, Gradient = buffers.IntermediateGradient,
            BiasGradient = gradients + to.IntermediateBias, Width = f,
        };
        linear.BackwardInput(buffers.ProductGradient, matrices.Output, Tokens, gelu);
        linear.BackwardWeight(buffers.ProductGradient, buffers.Activation, gradients + to.OutputWeight, Tokens, f, h, _accumulates);
        linear.BackwardWeight(buffers.IntermediateGradient, kept.AttentionOutput, gradients + to.IntermediateWeight, Tokens, h, f, _accumulates);

        var norm = new ResidualNormBackward<T>
        {
            Gradient = buffers.Gradient, AddsResidual = true, ProductGradient = buffers.ProductGradient,
            Normalized = kept.AttentionNormalized, InverseDeviation = kept.AttentionInverseDeviation,
            Weight = parameters + at.AttentionNormWeight, WeightGradient = gradients + to.AttentionNormWeight,
            ShiftGradient = gradients + to.AttentionNormBias, BiasGradient = gradients + to.AttentionOutputBias,
            Width = h, Dropout = Dropout(buffers, layer, DropoutSublayer.AttentionOutput, h),
        };
        linear.BackwardInput(buffers.IntermediateGradient, matrices.Intermediate, Tokens, norm);

        linear.BackwardWeight(buffers.ProductGradient, kept.Context, gradients + to.AttentionOutputWeight, Tokens, h, h, _accumulates);
        linear.BackwardInput(buffers.ProductGradient, matrices.AttentionOutput, Tokens, new ProductStore<T> { Output = buffers.ContextGradient, Width = h });
        RowAttention.Backward(_rows, shape, buffers, layer);
        RowSums.AddColumns(buffers.QueryKeyValueGradient, 3 * h, Tokens, 3 * h, gradients + to.QueryKeyValueBias);

        linear.BackwardWeight(buffers.QueryKeyValueGradient, input, gradients + to.QueryKeyValueWeight, Tokens, h, 3 * h, _accumulates);
        if (layer > 0) linear.BackwardInput(buffers.QueryKeyValueGradient, matrices.QueryKeyValue, Tokens, OutputNormBackward(parameters, gradients, gradientAt, layer - 1));
        else linear.BackwardInput(buffers.QueryKeyValueGradient, matrices.QueryKeyValue, Tokens, new ProductStore<T> { Output = buffers.Gradient, Width = h, Accumulates = true });
    }

    ResidualNormBackward<T> OutputNormBackward(float* parameters, float* gradients, EncoderOffsets gradientAt, int layer)
    {
        var (buffers, at, to) = (_kept!, offsets.Layers[layer], gradientAt.Layers[layer]);
        return new ResidualNormBackward<T>
        {
            Gradient = buffers.Gradient, AddsResidual = layer < shape.NumLayers - 1, ProductGradient = buffers.ProductGradient,
            Normalized = buffers.Layers[layer].OutputNormalized, InverseDeviation = buffers.Layers[layer].OutputInverseDeviation,
            Weight = parameters + at.OutputNormWeight, WeightGradient = gradients + to.OutputNormWeight,
            ShiftGradient = gradients + to.OutputNormBias, BiasGradient = gradients + to.OutputBias,
            Width = shape.HiddenSize, Dropout = Dropout(buffers, layer, DropoutSublayer.FeedForwardOutput, shape.HiddenSize),
        };
    }

    void EmbedBackward(float* parameters, EncoderBuffers<T> buffers, float* gradients, EncoderOffsets to)
    {
        var (h, e) = (shape.HiddenSize, shape.EmbeddingSize);
        if (weights.Projection is { } projection)
        {
            RowSums.AddColumns(buffers.Gradient, h, Tokens, h, gradients + to.ProjectionBias);
            buffers.Linear.BackwardWeight(buffers.Gradient, buffers.Embeddings, gradients + to.ProjectionWeight, Tokens, e, h, _accumulates);
            buffers.Linear.BackwardInput(buffers.Gradient, projection, Tokens, new FloatStore { Output = buffers.WordGradient, Width = e });
        }
        else Conversion.ToFloats(buffers.Gradient, buffers.WordGradient, (long)Tokens * e);
        Embeddings(parameters, buffers).Backward(
            buffers.WordGradient, Tokens, gradients + to.PositionEmbeddings, gradients + to.TokenTypeEmbeddings,
            gradients + to.EmbeddingNormWeight, gradients + to.EmbeddingNormBias);
    }

    EmbeddingSum<T> Embeddings(float* parameters, EncoderBuffers<T> buffers) => new()
    {
        Words = parameters + offsets.WordEmbeddings, PositionTable = parameters + offsets.PositionEmbeddings, TypeTable = parameters + offsets.TokenTypeEmbeddings,
        Weight = parameters + offsets.EmbeddingNormWeight, Shift = parameters + offsets.EmbeddingNormBias,
        Normalized = buffers.EmbeddingNormalized, InverseDeviation = buffers.EmbeddingInverseDeviation,
        Ids = buffers.Ids, Positions = buffers.Positions, Types = buffers.Types,
        Width = shape.EmbeddingSize, Epsilon = shape.NormEpsilon, Dropout = Dropout(buffers, 0, DropoutSublayer.Embeddings, shape.EmbeddingSize),
    };

    // The keys are those of one site at a time: every use of them ends before the next begins.
    RowDropout Dropout(EncoderBuffers<T> buffers, int layer, DropoutSublayer sublayer, int width)
    {
        var threshold = DropoutMask.HiddenThreshold(_rows.Dropout.Hidden);
        if (threshold > 0)
        {
            for (var row = _rows.First; row < _rows.End; row++)
            {
                var (start, tokens) = _rows.Place(row);
                new Span<uint>(buffers.Keys + start, tokens).Fill(_rows.Key(row, layer, sublayer));
            }
        }
        return new RowDropout(buffers.Keys, buffers.Indices, threshold, width);
    }
}
