namespace Electra.Numerics.Kernels;

/// <summary>What one layer keeps between its forward and its backward pass, row by row; 12 hidden sizes of numbers per token.</summary>
unsafe struct LayerActivations<T> where T : unmanaged
{
    /// <summary>(T, 3 H): queries, keys, values.</summary>
    public T* QueryKeyValue;
    /// <summary>(T, H): the heads' weighted sums.</summary>
    public T* Context;
    /// <summary>(rows, heads, tokens): logarithms of the softmax's sums.</summary>
    public float* LogSumExp;
    /// <summary>(T, H) and (T): the attention sublayer before scale and shift, and its 1 / sigma. The rows are null without a backward pass.</summary>
    public T* AttentionNormalized;
    /// <inheritdoc cref="AttentionNormalized"/>
    public float* AttentionInverseDeviation;
    /// <summary>(T, H): the attention sublayer's result.</summary>
    public T* AttentionOutput;
    /// <summary>(T, F): the feed-forward network's input to the activation; null without a backward pass.</summary>
    public T* Intermediate;
    /// <summary>(T, H) and (T): the feed-forward sublayer before scale and shift, and its 1 / sigma. The rows are null without a backward pass.</summary>
    public T* OutputNormalized;
    /// <inheritdoc cref="OutputNormalized"/>
    public float* OutputInverseDeviation;
    /// <summary>(T, H): the layer's result.</summary>
    public T* Output;
}

/// <summary>All memory that one worker's passes over at most <see cref="MaxTokens"/> tokens need, allocated once.</summary>
sealed unsafe class EncoderBuffers<T> : IDisposable where T : unmanaged, IElement<T>
{
    /// <summary>Floats.</summary>
    const int CacheLine = 16;

    /// <summary>
    /// Floats of a slab, 8 MB: a mapping of its own, so that buffers which a longer batch makes too small give all of their memory back. As small allocations
    /// they left 0.3 GB behind in the small model.
    /// </summary>
    const long SlabLength = 2 << 20;

    readonly List<NativeBuffer> _memory = [];
    float* _next;
    long _left;

    /// <param name="shape">The encoder's sizes.</param>
    /// <param name="maxTokens">Tokens of all rows together.</param>
    /// <param name="maxRow">Tokens of the longest row.</param>
    /// <param name="keeps">True to keep what the backward pass needs; without it all layers share one layer's memory.</param>
    public EncoderBuffers(EncoderShape shape, int maxTokens, int maxRow, bool keeps)
    {
        MaxTokens = maxTokens;
        // Products read, and attention packs, whole steps of rows.
        long t = Float32Packing.RoundUp(maxTokens, T.RowStep) + T.RowStep, h = shape.HiddenSize, f = shape.IntermediateSize, e = shape.EmbeddingSize;
        Attention = new AttentionHead<T>(shape.HeadSize, maxRow);
        Ids = (int*)TakeFloats(t);
        Types = (int*)TakeFloats(t);
        Positions = (int*)TakeFloats(t);
        Indices = (int*)TakeFloats(t);
        Keys = (uint*)TakeFloats(t);
        Embeddings = Take(t * e);
        EmbeddingInverseDeviation = TakeFloats(t);
        Projected = shape.HasProjection ? Take(t * h) : Embeddings;
        Activation = Take(t * f);
        int[] widths = [3 * shape.HiddenSize, shape.IntermediateSize, shape.EmbeddingSize];
        int[] inputs = [shape.HiddenSize, shape.IntermediateSize, shape.EmbeddingSize];
        Linear = new LinearKernel<T>(widths.Max(), keeps ? inputs.Max() : 0, maxTokens);

        Layers = new LayerActivations<T>[shape.NumLayers];
        Layers[0] = TakeLayer(shape, t, keeps);
        for (var layer = 1; layer < shape.NumLayers; layer++) Layers[layer] = keeps ? TakeLayer(shape, t, keeps) : Layers[0];
        if (!keeps) return;

        EmbeddingNormalized = Take(t * e);
        Gradient = Take(t * h);
        ProductGradient = Take(t * h);
        ContextGradient = Take(t * h);
        IntermediateGradient = Take(t * f);
        QueryKeyValueGradient = Take(t * 3 * h);
        WordGradient = TakeFloats(t * e);
    }

    public int MaxTokens { get; }

    public AttentionHead<T> Attention { get; }

    /// <summary>(T): ids, token types, positions in the table, index within the row, dropout key.</summary>
    public int* Ids { get; }
    /// <inheritdoc cref="Ids"/>
    public int* Types { get; }
    /// <inheritdoc cref="Ids"/>
    public int* Positions { get; }
    /// <inheritdoc cref="Ids"/>
    public int* Indices { get; }
    /// <inheritdoc cref="Ids"/>
    public uint* Keys { get; }

    /// <summary>(T, E): the embeddings; and before scale and shift, null without a backward pass; and (T) 1 / sigma.</summary>
    public T* Embeddings { get; }
    /// <inheritdoc cref="Embeddings"/>
    public T* EmbeddingNormalized { get; }
    /// <inheritdoc cref="Embeddings"/>
    public float* EmbeddingInverseDeviation { get; }

    /// <summary>(T, H): the first layer's input.</summary>
    public T* Projected { get; }

    public LinearKernel<T> Linear { get; }

    public LayerActivations<T>[] Layers { get; }

    /// <summary>(T, H): gradients of the residual stream, of a product, of the context.</summary>
    public T* Gradient { get; }
    /// <inheritdoc cref="Gradient"/>
    public T* ProductGradient { get; }
    /// <inheritdoc cref="Gradient"/>
    public T* ContextGradient { get; }

    /// <summary>(T, F): the feed-forward network's activation, and the gradient inside it.</summary>
    public T* Activation { get; }
    /// <inheritdoc cref="Activation"/>
    public T* IntermediateGradient { get; }

    /// <summary>(T, 3 H).</summary>
    public T* QueryKeyValueGradient { get; }

    /// <summary>(T, E): the gradient of every token's word embedding.</summary>
    public float* WordGradient { get; }

    public void Dispose()
    {
        Attention.Dispose();
        Linear.Dispose();
        foreach (var memory in _memory) memory.Dispose();
    }

    LayerActivations<T> TakeLayer(EncoderShape shape, long t, bool keeps)
    {
        long h = shape.HiddenSize;
        return new LayerActivations<T>
        {
            QueryKeyValue = Take(t * 3 * h),
            Context = Take(t * h),
            LogSumExp = TakeFloats(t * shape.NumHeads),
            AttentionNormalized = keeps ? Take(t * h) : null,
            AttentionInverseDeviation = TakeFloats(t),
            AttentionOutput = Take(t * h),
            Intermediate = keeps ? Take(t * shape.IntermediateSize) : null,
            OutputNormalized = keeps ? Take(t * h) : null,
            OutputInverseDeviation = TakeFloats(t),
            Output = Take(t * h),
        };
    }

    T* Take(long length) => (T*)TakeFloats((length * sizeof(T) + sizeof(float) - 1) / sizeof(float));

    /// <summary>A part of a slab, on a cache line of its own.</summary>
    float* TakeFloats(long length)
    {
        length = (length + CacheLine - 1) / CacheLine * CacheLine;
        if (_left < length)
        {
            var slab = new NativeBuffer(Math.Max(length, SlabLength));
            _memory.Add(slab);
            _next = slab.Start;
            _left = slab.Length;
        }
        var taken = _next;
        _next += length;
        _left -= length;
        return taken;
    }
}
