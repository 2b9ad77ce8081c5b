using Electra.Numerics.Kernels;

namespace Electra.Benchmarks;

/// <summary>Attention of four heads of 64 by row length, on one core, in GFLOP/s of processor time; softmax, dropout and packing included.</summary>
static unsafe class AttentionReport
{
    const int Heads = 4, HeadSize = 64, Hidden = Heads * HeadSize;

    public static void Print()
    {
        Console.WriteLine("tokens   forward   backward");
        foreach (var tokens in new[] { 37, 64, 128, 256, 512, 1024 })
        {
            using var attention = new AttentionHead(HeadSize, tokens);
            using var states = GemmComparison.Random(tokens * 3 * Hidden, 1);
            using var context = GemmComparison.Random(tokens * Hidden, 2);
            using var contextGradient = GemmComparison.Random(tokens * Hidden, 3);
            using var gradient = new NativeBuffer(tokens * 3 * Hidden);
            using var sums = new NativeBuffer(tokens * Heads);
            var repeats = Math.Max(1, 256 * 256 / (tokens * tokens));
            var flops = 4.0 * tokens * tokens * Hidden * repeats / 1e9;
            var forward = ThreadClock.Quartile(() => Each((view, head) =>
                attention.Forward(view, context.Start + head * HeadSize, sums.Start + head * tokens, new AttentionDropout(1, head, 0.1))));
            var backward = ThreadClock.Quartile(() => Each((view, head) =>
                attention.Backward(
                    view, new HeadView(gradient.Start, tokens, Hidden, HeadSize, head), context.Start + head * HeadSize,
                    contextGradient.Start + head * HeadSize, sums.Start + head * tokens, new AttentionDropout(1, head, 0.1))));
            Console.WriteLine($"{tokens,6} {flops / forward,9:F1} {2 * flops / backward,10:F1}");

            void Each(Action<HeadView, int> action)
            {
                for (var repeat = 0; repeat < repeats; repeat++)
                    for (var head = 0; head < Heads; head++) action(new HeadView(states.Start, tokens, Hidden, HeadSize, head), head);
            }
        }
    }
}
