using Electra.Numerics;
using Electra.Numerics.Kernels;

namespace Electra.Benchmarks;

/// <summary>Attention of four heads of 64 by row length, on one core, in GFLOP/s of processor time; softmax, dropout and packing included.</summary>
static unsafe class AttentionReport
{
    const int Heads = 4, HeadSize = 64, Hidden = Heads * HeadSize;

    public static void Print()
    {
        Print<Float32>("float32");
        if (BFloat16Product.IsAvailable) Print<BFloat16>("bfloat16");
    }

    static void Print<T>(string format) where T : unmanaged, IElement<T>
    {
        Console.WriteLine($"GFLOP/s of one core, {format}\ntokens   forward   backward");
        foreach (var tokens in new[] { 37, 64, 128, 256, 512, 1024 })
        {
            using var attention = new AttentionHead<T>(HeadSize, tokens);
            using var states = Random<T>((tokens + 16) * 3 * Hidden, 1);
            using var context = Random<T>(tokens * Hidden, 2);
            using var contextGradient = Random<T>((tokens + 16) * Hidden, 3);
            using var gradient = NativeBuffer.Of<T>(tokens * 3 * Hidden);
            using var sums = new NativeBuffer(tokens * Heads);
            var repeats = Math.Max(1, 256 * 256 / (tokens * tokens));
            var flops = 4.0 * tokens * tokens * Hidden * repeats / 1e9;
            var forward = ThreadClock.Quartile(() => Each((view, head) =>
                attention.Forward(view, (T*)context.Start + head * HeadSize, sums.Start + head * tokens, new AttentionDropout(1, head, 0.1))));
            var backward = ThreadClock.Quartile(() => Each((view, head) =>
                attention.Backward(
                    view, new HeadView<T>((T*)gradient.Start, tokens, Hidden, HeadSize, head), (T*)context.Start + head * HeadSize,
                    (T*)contextGradient.Start + head * HeadSize, sums.Start + head * tokens, new AttentionDropout(1, head, 0.1))));
            Console.WriteLine($"{tokens,6} {flops / forward,9:F1} {2 * flops / backward,10:F1}");

            void Each(Action<HeadView<T>, int> action)
            {
                for (var repeat = 0; repeat < repeats; repeat++)
                    for (var head = 0; head < Heads; head++) action(new HeadView<T>((T*)states.Start, tokens, Hidden, HeadSize, head), head);
            }
        }
    }

    internal static NativeBuffer Random<T>(int length, int seed) where T : unmanaged, IElement<T>
    {
        using var values = GemmComparison.Random(length, seed);
        var buffer = NativeBuffer.Of<T>(length);
        Conversion.FromFloats(values.Start, (T*)buffer.Start, length);
        return buffer;
    }
}
