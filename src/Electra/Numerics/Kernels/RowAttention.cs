using Electra.Randomness;

namespace Electra.Numerics.Kernels;

/// <summary>Attention of one worker's rows in one layer: each row attends to itself alone, a head at a time.</summary>
// Shapes: T tokens of all rows, H hidden.
static unsafe class RowAttention
{
    /// <summary>From (T, 3 H) queries, keys and values to the context (T, H).</summary>
    public static void Forward<T>(in RowShare rows, EncoderShape shape, EncoderBuffers<T> buffers, int layer) where T : unmanaged, IElement<T>
    {
        var kept = buffers.Layers[layer];
        for (var row = rows.First; row < rows.End; row++)
        {
            var (start, tokens) = rows.Place(row);
            var key = Key(rows, row, layer);
            for (var head = 0; head < shape.NumHeads; head++)
            {
                var view = View(kept.QueryKeyValue, shape, start, tokens, head);
                buffers.Attention.Forward(
                    view, Context(kept.Context, shape, start, head), LogSumExp(kept, shape, start, tokens, head), new AttentionDropout(key, head, rows.Dropout.Attention));
            }
        }
    }

    /// <summary>From the gradient of the context to those of queries, keys and values.</summary>
    public static void Backward<T>(in RowShare rows, EncoderShape shape, EncoderBuffers<T> buffers, int layer) where T : unmanaged, IElement<T>
    {
        var kept = buffers.Layers[layer];
        // The product of the last head's values reads past the last row, where a longer batch may have left what is no number.
        new Span<T>(kept.QueryKeyValue + (nint)rows.NumTokens * 3 * shape.HiddenSize, T.RowStep).Clear();
        for (var row = rows.First; row < rows.End; row++)
        {
            var (start, tokens) = rows.Place(row);
            var key = Key(rows, row, layer);
            for (var head = 0; head < shape.NumHeads; head++)
            {
                var view = View(kept.QueryKeyValue, shape, start, tokens, head);
                var gradient = View(buffers.QueryKeyValueGradient, shape, start, tokens, head);
                buffers.Attention.Backward(
                    view, gradient, Context(kept.Context, shape, start, head), Context(buffers.ContextGradient, shape, start, head),
                    LogSumExp(kept, shape, start, tokens, head), new AttentionDropout(key, head, rows.Dropout.Attention));
            }
        }
    }

    static uint Key(in RowShare rows, int row, int layer) => rows.Dropout.Attention > 0 ? rows.Key(row, layer, DropoutSublayer.AttentionProbabilities) : 0;

    static HeadView<T> View<T>(T* queryKeyValue, EncoderShape shape, int start, int tokens, int head) where T : unmanaged =>
        new(queryKeyValue + (nint)start * 3 * shape.HiddenSize, tokens, shape.HiddenSize, shape.HeadSize, head);

    static T* Context<T>(T* context, EncoderShape shape, int start, int head) where T : unmanaged => context + (nint)start * shape.HiddenSize + head * shape.HeadSize;

    static float* LogSumExp<T>(in LayerActivations<T> kept, EncoderShape shape, int start, int tokens, int head) where T : unmanaged =>
        kept.LogSumExp + (nint)start * shape.NumHeads + (nint)head * tokens;
}
