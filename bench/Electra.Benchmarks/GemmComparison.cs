using Electra.Numerics.Kernels;
using TorchSharp;

namespace Electra.Benchmarks;

/// <summary>Our products beside MKL's at the shapes of an ELECTRA-small step, on one core, in GFLOP/s of processor time.</summary>
static unsafe class GemmComparison
{
    const int Tokens = 2048;

    public static void Print()
    {
        torch.set_num_threads(1);
        using var warm = torch.zeros(1);
        using var left = Random(8 << 20, 1);
        using var right = Random(8 << 20, 2);
        using var result = new NativeBuffer(8 << 20);
        using var linear = new LinearKernel(8 << 20);
        float* a = left.Start, b = right.Start, c = result.Start;
        Console.WriteLine("outputs inputs   forward / MKL   input gradient / MKL   weight gradient / MKL");
        foreach (var (outputs, inputs) in new[] { (768, 256), (256, 256), (1024, 256), (256, 1024), (64, 64), (192, 64), (256, 64), (64, 256), (3072, 768) })
        {
            var flops = 2.0 * Tokens * outputs * inputs / 1e9;
            var forward = flops / ThreadClock.Quartile(() => linear.Forward(a, b, c, Tokens, inputs, outputs, default(NoEpilogue)));
            var input = flops / ThreadClock.Quartile(() => linear.BackwardInput(a, b, c, Tokens, inputs, outputs));
            var weight = flops / ThreadClock.Quartile(() => linear.BackwardWeight(a, b, c, Tokens, inputs, outputs));
            var forwardMkl = flops / ThreadClock.Quartile(() => MklGemm.Multiply(false, true, Tokens, outputs, inputs, a, inputs, b, inputs, c));
            var inputMkl = flops / ThreadClock.Quartile(() => MklGemm.Multiply(false, false, Tokens, inputs, outputs, a, outputs, b, inputs, c));
            var weightMkl = flops / ThreadClock.Quartile(() => MklGemm.Multiply(true, false, outputs, inputs, Tokens, a, outputs, b, inputs, c));
            Console.WriteLine($"{outputs,7} {inputs,6}   {forward,7:F1} / {forwardMkl,4:F1}   {input,14:F1} / {inputMkl,4:F1}   {weight,15:F1} / {weightMkl,4:F1}");
        }
    }

    public static NativeBuffer Random(int length, int seed)
    {
        var random = new Random(seed);
        var buffer = new NativeBuffer(length);
        foreach (ref var value in buffer.Span) value = random.NextSingle() - 0.5f;
        return buffer;
    }
}
