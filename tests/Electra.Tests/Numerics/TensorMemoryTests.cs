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

    [Theory]
    [InlineData(float.NaN), InlineData(float.PositiveInfinity), InlineData(float.NegativeInfinity)]
    public void One_element_that_is_no_finite_number_is_found_wherever_it_stands(float fault)
    {
        using var scope = NewDisposeScope();
        var tensor = full([3, 37], float.MaxValue); // two vectors and a rest on any processor
        Assert.True(TensorMemory.IsFinite(tensor));
        Assert.True(TensorMemory.IsFinite(tensor.t()));
        for (var i = 0; i < tensor.numel(); i++)
        {
            var damaged = tensor.clone();
            TensorMemory.Span<float>(damaged)[i] = fault;
            Assert.False(TensorMemory.IsFinite(damaged));
            Assert.False(TensorMemory.IsFinite(damaged.t()));
        }
    }
}
