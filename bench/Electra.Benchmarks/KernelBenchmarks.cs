using BenchmarkDotNet.Attributes;

namespace Electra.Benchmarks;

/// <summary>Each kernel by itself in bfloat16, at the shapes of one worker's half of an ELECTRA-small step: 16 rows of 128 tokens.</summary>
public class BFloat16KernelBenchmarks : KernelBenchmarks<BFloat16Kernels>;

/// <summary>The same in float32.</summary>
public class Float32KernelBenchmarks : KernelBenchmarks<Float32Kernels>;

/// <summary>What both formats' benchmarks call.</summary>
/// <typeparam name="TKernels">The kernels of a format.</typeparam>
public abstract class KernelBenchmarks<TKernels> : IDisposable where TKernels : IStepKernels, new()
{
    readonly TKernels _kernels = new();

    [Benchmark(Description = "product, forward, 256 to 1,024, bias and GELU")]
    public void ForwardGelu() => _kernels.ForwardGelu();

    [Benchmark(Description = "product, forward, 1,024 to 256, dropout, residual, normalisation")]
    public void ForwardNorm() => _kernels.ForwardNorm();

    [Benchmark(Description = "product, input gradient, 256 to 1,024, gradient of GELU")]
    public void BackwardGelu() => _kernels.BackwardGelu();

    [Benchmark(Description = "product, input gradient, 1,024 to 256, gradient of normalisation")]
    public void BackwardNorm() => _kernels.BackwardNorm();

    [Benchmark(Description = "product, weight gradient, 256 to 1,024")]
    public void BackwardWeight() => _kernels.BackwardWeight();

    [Benchmark(Description = "attention of 64 heads, forward, dropout 0.1")]
    public void Attention() => _kernels.Attention();

    [Benchmark(Description = "attention of 64 heads, backward, dropout 0.1")]
    public void AttentionBackward() => _kernels.AttentionBackward();

    [Benchmark(Description = "packing a matrix, 256 to 1,024")]
    public void Pack() => _kernels.Pack();

    [Benchmark(Description = "packing an operand of a weight gradient, 2,048 rows of 256")]
    public void PackRows() => _kernels.PackRows();

    [Benchmark(Description = "summing columns, 2,048 rows of 1,024")]
    public void ColumnSums() => _kernels.ColumnSums();

    [Benchmark(Description = "embeddings of 2,048 tokens, 128 wide, normalisation, dropout")]
    public void Embeddings() => _kernels.Embeddings();

    [Benchmark(Description = "their gradients, to the word table")]
    public void EmbeddingsBackward() => _kernels.EmbeddingsBackward();

    [Benchmark(Description = "head of the discriminator, forward and backward")]
    public void ReplacedHead() => _kernels.ReplacedHead();

    [Benchmark(Description = "vocabulary softmax, draw and gradient of one position")]
    public void Vocabulary() => _kernels.Vocabulary();

    [Benchmark(Description = "AdamW, 65,536 parameters")]
    public void AdamW() => _kernels.AdamW();

    [GlobalCleanup]
    public void Dispose()
    {
        _kernels.Dispose();
        GC.SuppressFinalize(this);
    }
}
