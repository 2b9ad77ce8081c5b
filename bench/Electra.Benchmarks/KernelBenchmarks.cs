using BenchmarkDotNet.Attributes;
using Electra.Numerics.Kernels;
using Electra.Randomness;

namespace Electra.Benchmarks;

/// <summary>Each kernel by itself, at the shapes of one worker's half of an ELECTRA-small step: 16 rows of 128 tokens.</summary>
[ShortRunJob]
public unsafe class KernelBenchmarks : IDisposable
{
    const int Rows = 16, RowTokens = 128, Tokens = Rows * RowTokens, Hidden = 256, Intermediate = 1024, HeadSize = 64, Vocabulary = 30528;

    readonly NativeBuffer _a = GemmComparison.Random(Tokens * Intermediate, 1), _b = GemmComparison.Random(Tokens * Intermediate, 2),
        _c = GemmComparison.Random(Tokens * Intermediate, 3), _d = GemmComparison.Random(Tokens * Intermediate, 4);

    readonly LinearKernel _linear = new(Packing.Length(Tokens, Intermediate));
    readonly AttentionHead _attention = new(HeadSize, RowTokens);
    readonly int[] _indices = [.. Enumerable.Range(0, Tokens).Select(token => token % RowTokens)];
    readonly uint[] _keys = new uint[Tokens];
    readonly float[] _mask = new float[RowTokens * Hidden];
    readonly AdamWSettings _settings = new();

    [Benchmark(Description = "product, forward, 256 to 1,024")]
    public void Forward() => _linear.Forward(_a.Start, _b.Start, _c.Start, Tokens, Hidden, Intermediate, default(NoEpilogue));

    [Benchmark(Description = "product, input gradient, 256 to 1,024")]
    public void BackwardInput() => _linear.BackwardInput(_a.Start, _b.Start, _c.Start, Tokens, Hidden, Intermediate);

    [Benchmark(Description = "product, weight gradient, 256 to 1,024")]
    public void BackwardWeight() => _linear.BackwardWeight(_a.Start, _b.Start, _c.Start, Tokens, Hidden, Intermediate);

    [Benchmark(Description = "attention of 64 heads, forward, dropout 0.1")]
    public void Attention() => EachHead((view, head) => _attention.Forward(view, _b.Start, _d.Start, new AttentionDropout(1, head, 0.1)));

    [Benchmark(Description = "attention of 64 heads, backward, dropout 0.1")]
    public void AttentionBackward() =>
        EachHead((view, head) => _attention.Backward(view, view, _b.Start, _c.Start, _d.Start, new AttentionDropout(1, head, 0.1)));

    [Benchmark(Description = "bias and GELU, (2,048, 1,024)")]
    public void Gelu() => new Gelu { Rows = _a.Start, Bias = _b.Start, Output = _c.Start, Width = Intermediate }.Finish(0, Tokens);

    [Benchmark(Description = "gradient of GELU, (2,048, 1,024)")]
    public void GeluBackward() =>
        new GeluBackward { Input = _a.Start, Activation = _b.Start, Gradient = _c.Start, BiasGradient = _d.Start, Width = Intermediate }.Finish(0, Tokens);

    [Benchmark(Description = "bias, dropout, residual, normalisation, (2,048, 256)")]
    public void ResidualNorm()
    {
        fixed (int* indices = _indices)
        fixed (uint* keys = _keys)
        {
            new ResidualNorm
            {
                Product = _a.Start, Bias = _b.Start, Residual = _b.Start, Weight = _b.Start, Shift = _b.Start, Normalized = _c.Start, Output = _d.Start,
                InverseDeviation = _b.Start, Width = Hidden, Epsilon = 1e-12f, Dropout = new RowDropout(keys, indices, DropoutMask.HiddenThreshold(0.1), Hidden),
            }.Finish(0, Tokens);
        }
    }

    [Benchmark(Description = "their gradient, (2,048, 256)")]
    public void ResidualNormBackward()
    {
        fixed (int* indices = _indices)
        fixed (uint* keys = _keys)
        {
            new ResidualNormBackward
            {
                Gradient = _a.Start, ProductGradient = _c.Start, Normalized = _b.Start, InverseDeviation = _b.Start, Weight = _b.Start,
                WeightGradient = _d.Start, ShiftGradient = _d.Start + Hidden, BiasGradient = _d.Start + 2 * Hidden,
                Width = Hidden, Dropout = new RowDropout(keys, indices, DropoutMask.HiddenThreshold(0.1), Hidden),
            }.Finish(0, Tokens);
        }
    }

    [Benchmark(Description = "dropout mask, (128, 256)")]
    public void FillHidden() => DropoutMask.FillHidden(_mask, RowTokens, Hidden, 1, 0.1);

    [Benchmark(Description = "vocabulary softmax, draw and gradient of one position")]
    public int Vocabularies()
    {
        var largest = VocabularyRow.AddBias(_a.Start, _b.Start, Vocabulary);
        var total = VocabularyRow.Exponentials(_a.Start, _a.Start, Vocabulary, largest, 1, _c.Start);
        var drawn = VocabularyRow.Draw(_a.Start, Vocabulary, _c.Start, total, 0.5f);
        VocabularyRow.Gradient(_a.Start, Vocabulary, 7, (float)(1 / total), 1);
        return drawn;
    }

    [Benchmark(Description = "AdamW, 65,536 parameters")]
    public void AdamW() =>
        FlatAdamW.Update(_a.Start, _b.Start, _c.Start, _d.Start, new ParameterSegment(0, 65536, 1e-9f, 0.01f), _settings, 1, 1);

    [GlobalCleanup]
    public void Dispose()
    {
        _linear.Dispose();
        _attention.Dispose();
        foreach (var buffer in new[] { _a, _b, _c, _d }) buffer.Dispose();
        GC.SuppressFinalize(this);
    }

    void EachHead(Action<HeadView, int> action)
    {
        for (var row = 0; row < Rows; row++)
            for (var head = 0; head < Hidden / HeadSize; head++)
                action(new HeadView(_a.Start + (nint)row * RowTokens * 3 * Hidden, RowTokens, Hidden, HeadSize, head), head);
    }
}
