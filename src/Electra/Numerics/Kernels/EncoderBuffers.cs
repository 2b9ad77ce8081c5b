namespace Electra.Numerics.Kernels;

/// <summary>What one layer keeps between its forward and its backward pass, row by row; 12 hidden sizes of numbers per token.</summary>
unsafe struct LayerActivations
{
    /// <summary>(T, 3 H): queries, keys, values.</summary>
    public float* QueryKeyValue;
    /// <summary>(T, H): the heads' weighted sums.</summary>
    public float* Context;
    /// <summary>(rows, heads, tokens): logarithms of the softmax's sums.</summary>
    public float* LogSumExp;
    /// <summary>(T, H) and (T): the attention sublayer before scale and shift, and its 1 / sigma.</summary>
    public float* AttentionNormalized, AttentionInverseDeviation;
    /// <summary>(T, H): the attention sublayer's result.</summary>
    public float* AttentionOutput;
    /// <summary>(T, F): the feed-forward network's input to the activation.</summary>
    public float* Intermediate;
    /// <summary>(T, H) and (T): the feed-forward sublayer before scale and shift, and its 1 / sigma.</summary>
    public float* OutputNormalized, OutputInverseDeviation;
    /// <summary>(T, H): the layer's result.</summary>
    public float* Output;
}

/// <summary>All memory that one worker's passes over at most <see cref="MaxTokens"/> tokens need, allocated once.</summary>
sealed unsafe class EncoderBuffers : IDisposable
{
    readonly List<NativeBuffer> _memory = [];

    /// <param name="shape">The encoder's sizes.</param>
    /// <param name="maxTokens">Tokens of all rows together.</param>
    /// <param name="maxRow">Tokens of the longest row.</param>
    /// <param name="keeps">True to keep what the backward pass needs; without it all layers share one layer's memory.</param>
    public EncoderBuffers(EncoderShape shape, int maxTokens, int maxRow, bool keeps)
    {
        MaxTokens = maxTokens;
        long t = maxTokens, h = shape.HiddenSize, f = shape.IntermediateSize, e = shape.EmbeddingSize;
        Attention = new AttentionHead(shape.HeadSize, maxRow);
        Ids = (int*)Take(t);
        Types = (int*)Take(t);
        Positions = (int*)Take(t);
        Indices = (int*)Take(t);
        Keys = (uint*)Take(t);
        Embeddings = Take(t * e);
        EmbeddingNormalized = Take(t * e);
        EmbeddingInverseDeviation = Take(t);
        Projected = shape.HasProjection ? Take(t * h) : Embeddings;
        Product = Take(t * h);
        Linear = new LinearKernel(PackedLength(shape, keeps ? t : 0));

        Layers = new LayerActivations[shape.NumLayers];
        Layers[0] = TakeLayer(shape, keeps);
        for (var layer = 1; layer < shape.NumLayers; layer++) Layers[layer] = keeps ? TakeLayer(shape, keeps) : Layers[0];
        if (!keeps) return;

        Gradient = Take(t * h);
        ProductGradient = Take(t * h);
        ContextGradient = Take(t * h);
        IntermediateGradient = Take(t * f);
        Activation = Take(t * f);
        QueryKeyValueGradient = Take(t * 3 * h);
        WordGradient = Take(t * e);
    }

    public int MaxTokens { get; }

    public AttentionHead Attention { get; }

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

    /// <summary>(T, E): the embeddings; and before scale and shift; and (T) 1 / sigma.</summary>
    public float* Embeddings { get; }
    /// <inheritdoc cref="Embeddings"/>
    public float* EmbeddingNormalized { get; }
    /// <inheritdoc cref="Embeddings"/>
    public float* EmbeddingInverseDeviation { get; }

    /// <summary>(T, H): the first layer's input.</summary>
    public float* Projected { get; }

    /// <summary>(T, H): a product on its way to a normalisation.</summary>
    public float* Product { get; }

    public LinearKernel Linear { get; }

    public LayerActivations[] Layers { get; }

    /// <summary>(T, H): gradients of the residual stream, of a product, of the context.</summary>
    public float* Gradient { get; }
    /// <inheritdoc cref="Gradient"/>
    public float* ProductGradient { get; }
    /// <inheritdoc cref="Gradient"/>
    public float* ContextGradient { get; }

    /// <summary>(T, F): the gradient inside the feed-forward network, and its activation once more.</summary>
    public float* IntermediateGradient { get; }
    /// <inheritdoc cref="IntermediateGradient"/>
    public float* Activation { get; }

    /// <summary>(T, 3 H).</summary>
    public float* QueryKeyValueGradient { get; }

    /// <summary>(T, E): the gradient of every token's word embedding.</summary>
    public float* WordGradient { get; }

    public void Dispose()
    {
        Attention.Dispose();
        Linear.Dispose();
        foreach (var memory in _memory) memory.Dispose();
    }

    static long PackedLength(EncoderShape shape, long tokens)
    {
        long h = shape.HiddenSize, f = shape.IntermediateSize, e = shape.EmbeddingSize;
        long[] layers =
        [
            LinearKernel.PackedLength(h, 3 * h, tokens), LinearKernel.PackedLength(h, f, tokens),
            LinearKernel.PackedLength(f, h, tokens), LinearKernel.PackedLength(e, h, tokens),
        ];
        return layers.Max();
    }

    LayerActivations TakeLayer(EncoderShape shape, bool keeps)
    {
        long t = MaxTokens, h = shape.HiddenSize;
        var layer = new LayerActivations
        {
            QueryKeyValue = Take(t * 3 * h),
            Context = Take(t * h),
            LogSumExp = Take(t * shape.NumHeads),
            AttentionInverseDeviation = Take(t),
            AttentionOutput = Take(t * h),
            Intermediate = Take(t * shape.IntermediateSize),
            OutputInverseDeviation = Take(t),
            Output = Take(t * h),
        };
        // Without a backward pass the normalised rows are overwritten by the rows themselves.
        layer.AttentionNormalized = keeps ? Take(t * h) : layer.AttentionOutput;
        layer.OutputNormalized = keeps ? Take(t * h) : layer.Output;
        return layer;
    }

    float* Take(long length)
    {
        var memory = new NativeBuffer(length);
        _memory.Add(memory);
        return memory.Start;
    }
}
