using Electra.Numerics;
using Electra.Numerics.Kernels;
using TorchSharp;
using BFloat16 = Electra.Numerics.Kernels.BFloat16;

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
        float* a = left.Start, b = right.Start, c = result.Start;
        Console.WriteLine("GFLOP/s of one core\noutputs inputs   forward in float32 / by MKL / in bfloat16   input gradient   weight gradient");
        foreach (var (outputs, inputs) in new[] { (768, 256), (256, 256), (1024, 256), (256, 1024), (64, 64), (192, 64), (256, 64), (64, 256), (3072, 768) })
        {
            var flops = 2.0 * Tokens * outputs * inputs / 1e9;
            var (forward, input, weight) = Rates<Float32>(a, b, c, inputs, outputs);
            var (forward16, input16, weight16) = BFloat16Product.IsAvailable ? Rates<BFloat16>(a, b, c, inputs, outputs) : default;
            var forwardMkl = flops / ThreadClock.Quartile(() => MklGemm.Multiply(false, true, Tokens, outputs, inputs, a, inputs, b, inputs, c));
            var inputMkl = flops / ThreadClock.Quartile(() => MklGemm.Multiply(false, false, Tokens, inputs, outputs, a, outputs, b, inputs, c));
            var weightMkl = flops / ThreadClock.Quartile(() => MklGemm.Multiply(true, false, outputs, inputs, Tokens, a, outputs, b, inputs, c));
            Console.WriteLine(
                $"{outputs,7} {inputs,6}   {forward,7:F1} / {forwardMkl,5:F1} / {forward16,5:F1}   {input,7:F1} / {inputMkl,5:F1} / {input16,5:F1}   {weight,7:F1} / {weightMkl,5:F1} / {weight16,5:F1}");
        }
    }

    // Without packing the weights, which a step does once; with whatever the products pack themselves.
    static (double Forward, double Input, double Weight) Rates<T>(float* a, float* weight, float* c, int inputs, int outputs) where T : unmanaged, IElement<T>
    {
        using var linear = new LinearKernel<T>(Math.Max(inputs, outputs), Math.Max(inputs, outputs), Tokens);
        using var matrix = new PackedMatrix<T>(inputs, outputs);
        using var scratch = NativeBuffer.Of<T>(PackedMatrix<T>.ScratchLength(inputs));
        matrix.PrepareBackward();
        for (var part = 0; part < matrix.Parts; part++) matrix.Pack(weight, part, wantsBackward: true, (T*)scratch.Start);
        using var left = NativeBuffer.Of<T>(Tokens * Math.Max(inputs, outputs) + 16 * outputs);
        using var right = NativeBuffer.Of<T>(Tokens * Math.Max(inputs, outputs) + 16 * outputs);
        Conversion.FromFloats(a, (T*)left.Start, (long)Tokens * Math.Max(inputs, outputs));
        Conversion.FromFloats(a, (T*)right.Start, (long)Tokens * Math.Max(inputs, outputs));
        var flops = 2.0 * Tokens * outputs * inputs / 1e9;
        var output = new FloatStore { Output = c, Width = outputs };
        return (
            flops / ThreadClock.Quartile(() => linear.Forward((T*)left.Start, matrix, Tokens, output)),
            flops / ThreadClock.Quartile(() => linear.BackwardInput((T*)left.Start, matrix, Tokens, output with { Width = inputs })),
            flops / ThreadClock.Quartile(() => linear.BackwardWeight((T*)left.Start, (T*)right.Start, c, Tokens, inputs, outputs)));
    }

    public static NativeBuffer Random(int length, int seed)
    {
        var random = new Random(seed);
        var buffer = new NativeBuffer(length);
        foreach (ref var value in buffer.Span) value = random.NextSingle() - 0.5f;
        return buffer;
    }
}
