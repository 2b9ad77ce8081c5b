using Electra.Numerics;
using static TorchSharp.torch;

namespace Electra.Tests.Numerics;

[Collection("torch")]
public sealed class TensorMemoryTests
{
    /// <summary>Torch knows a tensor by its handle alone: nothing but a reference keeps the collector from freeing what torch is working on.</summary>
    [Fact]
    public async Task Tensors_live_while_torch_works_on_them()
    {
        const int length = 1_000_000, rounds = 100;
        using var source = new CancellationTokenSource();
        var collector = Task.Run(() =>
        {
            while (!source.IsCancellationRequested)
            {
                GC.Collect(0);
                GC.WaitForPendingFinalizers();
            }
        }, TestContext.Current.CancellationToken);
        for (var round = 0; round < rounds; round++)
        {
            using var zeros = TensorMemory.Zeros(length, CPU);
            Assert.Equal([length], zeros.shape);
            Assert.Equal(length, TensorMemory.ToFloats(zeros).Length);
        }
        await source.CancelAsync();
        await collector;
    }
}
