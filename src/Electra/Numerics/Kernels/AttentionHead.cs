using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Electra.Numerics.Kernels;

/// <summary>
/// Scaled dot-product attention of one head over one row (Vaswani et al. 2017, section 3.2.1). Probabilities exist for a block
/// of queries at a time and are computed again in the backward pass from the logarithm of their sum (Dao et al. 2022). The backward pass
/// takes blocks of keys and the scores transposed: two of its three gradients are then plain products.
/// </summary>
// Shapes: T tokens of the row, D head size. Queries, keys and values are columns of one (T, 3 hidden) matrix.
sealed unsafe class AttentionHead<T> : IDisposable where T : unmanaged, IElement<T>
{
    /// <summary>Queries, or keys, whose scores are in memory at a time.</summary>
    const int Block = 128;

    const int ColumnStep = Float32MicroKernel.Columns;

    readonly int _headSize, _stride;
    readonly float _scale;
    readonly NativeBuffer _floats, _elements;
    readonly float* _scores, _scoreGradients, _sums, _means, _output, _queryGradient;
    readonly T* _transposed, _otherTransposed, _rows, _otherRows, _keyRows, _probabilities, _gradients, _left;

    /// <param name="headSize">D.</param>
    /// <param name="maxTokens">The longest row.</param>
    public AttentionHead(int headSize, int maxTokens)
    {
        (_headSize, MaxTokens, _scale) = (headSize, maxTokens, 1 / MathF.Sqrt(headSize));
        var tokens = Columns(maxTokens);
        // A stride that is a multiple of 4 KB would let a column's elements compete for the same few lines of the cache.
        _stride = tokens % 64 == 0 ? tokens + ColumnStep : tokens;
        var (scores, output) = ((long)Block * _stride, (long)tokens * headSize);
        _floats = new NativeBuffer(2 * scores + 2 * tokens + 2 * output + (long)Block * headSize);
        _scores = _floats.Start;
        _scoreGradients = _scores + scores;
        _sums = _scoreGradients + scores;
        _means = _sums + tokens;
        _queryGradient = _means + tokens;
        _output = _queryGradient + output;

        var (transposed, rows) = (T.PackedLength(headSize, tokens), T.PackedLength(tokens, headSize));
        _elements = NativeBuffer.Of<T>(2 * transposed + 3 * rows + 2 * scores + T.LeftScratch(Block));
        _transposed = (T*)_elements.Start;
        _otherTransposed = _transposed + transposed;
        _rows = _otherTransposed + transposed;
        _otherRows = _rows + rows;
        _keyRows = _otherRows + rows;
        _probabilities = _keyRows + rows;
        _gradients = _probabilities + scores;
        _left = _gradients + scores;
    }

    /// <summary>The longest row there is room for.</summary>
    public int MaxTokens { get; }

    public void Dispose()
    {
        _floats.Dispose();
        _elements.Dispose();
    }

    /// <param name="head">The row's queries, keys and values.</param>
    /// <param name="context">(T, D), rows a hidden size apart: the weighted sums of the values, written.</param>
    /// <param name="logSumExp">(T): written, for the backward pass.</param>
    /// <param name="dropout">Of the probabilities.</param>
    public void Forward(in HeadView<T> head, T* context, float* logSumExp, in AttentionDropout dropout)
    {
        var (tokens, columns) = (head.Tokens, Columns(head.Tokens));
        Debug.Assert(tokens <= MaxTokens, $"A row of {tokens} tokens does not fit the room for {MaxTokens}.");
        T.PackTransposed(head.Key, head.Stride, _headSize, columns, _transposed, 0, tokens);
        T.PackRows(head.Value, head.Stride, tokens, _headSize, _rows, 0, tokens);
        for (var first = 0; first < tokens; first += Block)
        {
            var queries = Math.Min(Block, tokens - first);
            T.Multiply(head.Query + first * head.Stride, head.Stride, _transposed, _scores, _stride, queries, columns, _headSize, false);
            for (var i = 0; i < queries; i++)
                logSumExp[first + i] = Softmax((nint)i * _stride, tokens, columns, first + i, dropout, out _sums[i]);
            T.Multiply(_probabilities, _stride, _rows, _output, _headSize, queries, _headSize, tokens, false);
            for (var i = 0; i < queries; i++)
                Conversion.FromFloats(_output + i * _headSize, context + (first + i) * head.ContextStride, _headSize, _sums[i]);
        }
    }

    /// <param name="head">The row's queries, keys and values.</param>
    /// <param name="gradient">Where the gradients of queries, keys and values go; overwritten.</param>
    /// <param name="context">(T, D): the forward pass's result.</param>
    /// <param name="contextGradient">(T, D).</param>
    /// <param name="logSumExp">(T): from the forward pass.</param>
    /// <param name="dropout">As in the forward pass.</param>
    public void Backward(
        in HeadView<T> head, in HeadView<T> gradient, T* context, T* contextGradient, float* logSumExp, in AttentionDropout dropout)
    {
        var (tokens, columns) = (head.Tokens, Columns(head.Tokens));
        Debug.Assert(tokens <= MaxTokens, $"A row of {tokens} tokens does not fit the room for {MaxTokens}.");
        for (var i = 0; i < tokens; i++)
        {
            var offset = i * head.ContextStride;
            (_sums[i], _means[i]) = (-Lanes.Log2E * logSumExp[i], DotProduct.Of(context + offset, contextGradient + offset, _headSize));
        }
        T.PackTransposed(head.Query, head.Stride, _headSize, columns, _transposed, 0, tokens);
        T.PackTransposed(contextGradient, head.ContextStride, _headSize, columns, _otherTransposed, 0, tokens);
        T.PackRows(contextGradient, head.ContextStride, tokens, _headSize, _rows, 0, tokens);
        T.PackRows(head.Query, head.Stride, tokens, _headSize, _otherRows, 0, tokens);
        for (var first = 0; first < tokens; first += Block)
        {
            var (keys, start) = (Math.Min(Block, tokens - first), first * head.Stride);
            T.Multiply(head.Key + start, head.Stride, _transposed, _scores, _stride, keys, columns, _headSize, false);                 // (keys, T)
            T.Multiply(head.Value + start, head.Stride, _otherTransposed, _scoreGradients, _stride, keys, columns, _headSize, false);
            for (var i = 0; i < keys; i++) SoftmaxGradient((nint)i * _stride, tokens, columns, first + i, dropout);

            Put(_probabilities, _rows, keys, tokens, gradient.Value + start, head.Stride);
            Put(_gradients, _otherRows, keys, tokens, gradient.Key + start, head.Stride);
            T.PackRows(head.Key + start, head.Stride, keys, _headSize, _keyRows, 0, keys);
            T.MultiplyTransposed(_gradients, _stride, _keyRows, _queryGradient, _headSize, columns, _headSize, keys, first > 0, _left);
        }
        for (var i = 0; i < tokens; i++) Conversion.FromFloats(_queryGradient + i * _headSize, gradient.Query + i * head.Stride, _headSize);
    }

    static int Columns(int tokens) => (int)Float32Packing.RoundUp(tokens, ColumnStep);

    // target (keys, D) = a (keys, T) rows (T, D)
    void Put(T* a, T* rows, int keys, int tokens, T* target, nint stride)
    {
        T.Multiply(a, _stride, rows, _output, _headSize, keys, _headSize, tokens, false);
        for (var i = 0; i < keys; i++) Conversion.FromFloats(_output + i * _headSize, target + i * stride, _headSize);
    }

    // Leaves unnormalised probabilities, so that the sums of the values are divided instead: they are fewer.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    float Softmax(nint row, int tokens, int columns, int query, in AttentionDropout dropout, out float inverseSum)
    {
        var scores = _scores + row;
        var probabilities = _probabilities + row;
        var drops = dropout;
        for (var j = tokens; j < columns; j++) scores[j] = float.NegativeInfinity;
        var largest = Vector512.Load(scores);
        for (var j = Lanes.Count; j < columns; j += Lanes.Count) largest = Vector512.Max(largest, Vector512.Load(scores + j));
        var top = Lanes.Max(largest) * _scale;

        var (scale, shift) = (Vector512.Create(Lanes.Log2E * _scale), Vector512.Create(-Lanes.Log2E * top));
        var sum = Vector512<float>.Zero;
        for (var j = 0; j < columns; j += Lanes.Count)
        {
            var e = Lanes.Exp2(Lanes.MultiplyAdd(Vector512.Load(scores + j), scale, shift));
            sum += e;
            if (drops.IsActive) e &= drops.Kept(drops.AlongKeys(query, j));
            T.Store(e, probabilities + j);
        }
        var total = Vector512.Sum(sum);
        inverseSum = drops.Scale / total;
        return top + MathF.Log(total);
    }

    // One key's scores with all queries.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void SoftmaxGradient(nint row, int tokens, int columns, int key, in AttentionDropout dropout)
    {
        var scores = _scores + row;
        var scoreGradients = _scoreGradients + row;
        var probabilities = _probabilities + row;
        var gradients = _gradients + row;
        var drops = dropout;
        var (scale, exponent, factor) = (Vector512.Create(_scale), Vector512.Create(Lanes.Log2E * _scale), Vector512.Create(drops.Scale));
        for (var j = 0; j < columns; j += Lanes.Count)
        {
            var p = Lanes.Exp2(Lanes.MultiplyAdd(Vector512.Load(scores + j), exponent, Vector512.Load(_sums + j)));
            var g = Vector512.Load(scoreGradients + j);
            var kept = p;
            if (drops.IsActive)
            {
                var factors = drops.Kept(drops.AlongQueries(j, key)) & factor;
                kept *= factors;
                g *= factors;
            }
            T.Store(kept, probabilities + j);
            T.Store(p * (g - Vector512.Load(_means + j)) * scale, gradients + j);
        }
        // Beyond the row they meet zeros in the products, which only finite numbers survive.
        for (var j = tokens; j < columns; j++) (probabilities[j], gradients[j]) = (default, default);
    }
}
