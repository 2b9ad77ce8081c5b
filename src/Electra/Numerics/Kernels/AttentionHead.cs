using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Electra.Randomness;

namespace Electra.Numerics.Kernels;

/// <summary>
/// Scaled dot-product attention of one head over one row (Vaswani et al. 2017, section 3.2.1). Probabilities exist for a block
/// of queries at a time and are computed again in the backward pass from the logarithm of their sum (Dao et al. 2022).
/// </summary>
// Shapes: T tokens of the row, D head size. Queries, keys and values are columns of one (T, 3 hidden) matrix.
sealed unsafe class AttentionHead : IDisposable
{
    /// <summary>Queries whose scores are in memory at a time.</summary>
    public const int QueryBlock = 128;

    readonly int _headSize;
    readonly NativeBuffer _memory;
    readonly float* _keys, _values, _rows, _otherRows, _scores, _scoreGradients, _left;

    /// <param name="headSize">D.</param>
    /// <param name="maxTokens">The longest row.</param>
    public AttentionHead(int headSize, int maxTokens)
    {
        _headSize = headSize;
        MaxTokens = maxTokens;
        var transposed = Packing.Length(headSize, maxTokens);
        var rows = Packing.Length(Math.Max(maxTokens, QueryBlock), headSize);
        var scores = (long)QueryBlock * ScoreStride(maxTokens);
        _memory = new NativeBuffer(2 * transposed + 2 * rows + 2 * scores + Gemm.LeftScratch);
        _keys = _memory.Start;
        _values = _keys + transposed;
        _rows = _values + transposed;
        _otherRows = _rows + rows;
        _scores = _otherRows + rows;
        _scoreGradients = _scores + scores;
        _left = _scoreGradients + scores;
    }

    /// <summary>The longest row there is room for.</summary>
    public int MaxTokens { get; }

    public void Dispose() => _memory.Dispose();

    /// <param name="head">The row's queries, keys and values, and where the results go.</param>
    /// <param name="context">(T, D), rows a hidden size apart: the weighted sums of the values.</param>
    /// <param name="logSumExp">(T): written, for the backward pass.</param>
    /// <param name="dropout">Of the probabilities.</param>
    public void Forward(in HeadView head, float* context, float* logSumExp, in AttentionDropout dropout)
    {
        var (tokens, columns, stride) = (head.Tokens, (int)Packing.RoundUp(head.Tokens, MicroKernel.Columns), ScoreStride(head.Tokens));
        Packing.PackTransposed(head.Key, head.Stride, _headSize, tokens, _keys);
        Packing.PackRows(head.Value, head.Stride, tokens, _headSize, _rows);
        for (var first = 0; first < tokens; first += QueryBlock)
        {
            var queries = Math.Min(QueryBlock, tokens - first);
            Gemm.Multiply(head.Query + first * head.Stride, head.Stride, _keys, _scores, stride, queries, columns, _headSize, false);
            for (var i = 0; i < queries; i++)
                logSumExp[first + i] = Softmax(_scores + (nint)i * stride, tokens, columns, first + i, dropout, out _scoreGradients[i]);
            var target = context + first * head.ContextStride;
            Gemm.Multiply(_scores, stride, _rows, target, head.ContextStride, queries, _headSize, tokens, false);
            for (var i = 0; i < queries; i++) Scale(target + i * head.ContextStride, _scoreGradients[i]);
        }
    }

    /// <param name="head">The row's queries, keys and values.</param>
    /// <param name="gradient">Where the gradients of queries, keys and values go; overwritten.</param>
    /// <param name="context">(T, D): the forward pass's result.</param>
    /// <param name="contextGradient">(T, D).</param>
    /// <param name="logSumExp">(T): from the forward pass.</param>
    /// <param name="dropout">As in the forward pass.</param>
    public void Backward(
        in HeadView head, in HeadView gradient, float* context, float* contextGradient, float* logSumExp, in AttentionDropout dropout)
    {
        var (tokens, columns, stride) = (head.Tokens, (int)Packing.RoundUp(head.Tokens, MicroKernel.Columns), ScoreStride(head.Tokens));
        Packing.PackTransposed(head.Key, head.Stride, _headSize, tokens, _keys);
        Packing.PackTransposed(head.Value, head.Stride, _headSize, tokens, _values);
        Packing.PackRows(head.Key, head.Stride, tokens, _headSize, _rows);
        for (var first = 0; first < tokens; first += QueryBlock)
        {
            var queries = Math.Min(QueryBlock, tokens - first);
            var query = head.Query + first * head.Stride;
            var output = contextGradient + first * head.ContextStride;
            Gemm.Multiply(query, head.Stride, _keys, _scores, stride, queries, columns, _headSize, false);
            Gemm.Multiply(output, head.ContextStride, _values, _scoreGradients, stride, queries, columns, _headSize, false);
            for (var i = 0; i < queries; i++)
            {
                var offset = (first + i) * head.ContextStride;
                var mean = DotProduct.Of(context + offset, contextGradient + offset, _headSize);
                SoftmaxGradient(_scores + (nint)i * stride, _scoreGradients + (nint)i * stride, columns, first + i, logSumExp[first + i], mean, dropout);
            }
            Packing.PackRows(output, head.ContextStride, queries, _headSize, _otherRows);
            Gemm.MultiplyTransposed(_scores, stride, _otherRows, gradient.Value, head.Stride, tokens, _headSize, queries, first > 0, _left);
            Packing.PackRows(query, head.Stride, queries, _headSize, _otherRows);
            Gemm.MultiplyTransposed(_scoreGradients, stride, _otherRows, gradient.Key, head.Stride, tokens, _headSize, queries, first > 0, _left);
            Gemm.Multiply(_scoreGradients, stride, _rows, gradient.Query + first * head.Stride, head.Stride, queries, _headSize, tokens, false);
        }
    }

    // A stride that is a multiple of 4 KB would let a column's elements compete for the same few lines of the cache.
    static int ScoreStride(int tokens)
    {
        var columns = (int)Packing.RoundUp(tokens, MicroKernel.Columns);
        return columns % 64 == 0 ? columns + MicroKernel.Columns : columns;
    }

    // Leaves unnormalised probabilities, so that the sums of the values are divided instead: they are fewer.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    float Softmax(float* scores, int tokens, int columns, int query, in AttentionDropout dropout, out float inverseSum)
    {
        for (var j = tokens; j < columns; j++) scores[j] = float.NegativeInfinity;
        var largest = Vector256.Load(scores);
        for (var j = Lanes.Count; j < columns; j += Lanes.Count) largest = Vector256.Max(largest, Vector256.Load(scores + j));
        var scale = 1 / MathF.Sqrt(_headSize);
        var top = Lanes.Max(largest) * scale;

        var sum = Vector256<float>.Zero;
        var drops = dropout;
        var counter = drops.Counter(query);
        for (var j = 0; j < columns; j += Lanes.Count)
        {
            var e = Lanes.Exp(Lanes.MultiplyAdd(Vector256.Load(scores + j), Vector256.Create(scale), Vector256.Create(-top)));
            sum += e;
            if (drops.IsActive) e &= drops.Kept(counter + (uint)j);
            e.Store(scores + j);
        }
        var total = Vector256.Sum(sum);
        inverseSum = drops.Scale / total;
        return top + MathF.Log(total);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void SoftmaxGradient(float* scores, float* gradients, int columns, int query, float logSumExp, float mean, in AttentionDropout dropout)
    {
        var scale = Vector256.Create(1 / MathF.Sqrt(_headSize));
        var drops = dropout;
        var counter = drops.Counter(query);
        for (var j = 0; j < columns; j += Lanes.Count)
        {
            var p = Lanes.Exp(Lanes.MultiplyAdd(Vector256.Load(scores + j), scale, Vector256.Create(-logSumExp)));
            var g = Vector256.Load(gradients + j);
            var kept = p;
            if (drops.IsActive)
            {
                var factors = drops.Kept(counter + (uint)j) & Vector256.Create(drops.Scale);
                kept *= factors;
                g *= factors;
            }
            kept.Store(scores + j);
            (p * (g - Vector256.Create(mean)) * scale).Store(gradients + j);
        }
    }

    void Scale(float* row, float factor)
    {
        var j = 0;
        for (; j + Lanes.Count <= _headSize; j += Lanes.Count) (Vector256.Load(row + j) * factor).Store(row + j);
        for (; j < _headSize; j++) row[j] *= factor;
    }
}

/// <summary>One head's columns in the (T, 3 hidden) matrix of one row.</summary>
readonly unsafe struct HeadView(float* queryKeyValue, int tokens, int hiddenSize, int headSize, int head)
{
    /// <summary>(T, D), rows <see cref="Stride"/> apart.</summary>
    public float* Query { get; } = queryKeyValue + head * headSize;

    /// <inheritdoc cref="Query"/>
    public float* Key { get; } = queryKeyValue + hiddenSize + head * headSize;

    /// <inheritdoc cref="Query"/>
    public float* Value { get; } = queryKeyValue + 2 * hiddenSize + head * headSize;

    public int Tokens { get; } = tokens;

    public nint Stride { get; } = 3 * hiddenSize;

    /// <summary>Elements between rows of the context.</summary>
    public nint ContextStride { get; } = hiddenSize;
}

/// <summary>The dropout of one head's probabilities in one example.</summary>
readonly struct AttentionDropout(uint key, int head, double probability)
{
    readonly uint _threshold = DropoutMask.AttentionThreshold(probability);

    /// <summary>True when something is dropped.</summary>
    public bool IsActive => _threshold > 0;

    /// <summary>What a kept probability is multiplied by.</summary>
    public float Scale { get; } = DropoutMask.AttentionScale(probability);

    /// <summary>The counter of a query's first key.</summary>
    public uint Counter(int query) => DropoutMask.AttentionCounter(head, query);

    /// <summary>All bits set where one of eight consecutive keys is kept.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<float> Kept(uint counter) => DropoutMask.AttentionKept(key, counter, _threshold).AsSingle();
}
