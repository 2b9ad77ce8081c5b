using System.Diagnostics;
using Electra.Numerics;
using TorchSharp;

namespace Electra.Tests.Numerics;

/// <summary>The measure that training speed is divided by.</summary>
[Collection(TorchCollection.Name)]
public sealed class GemmRateTests
{
    [Fact]
    public void The_rate_is_that_of_a_product_timed_by_hand()
    {
        const int rows = 512;
        using var x = torch.randn(rows, 768);
        using var weight = torch.randn(3072, 768);
        torch.nn.functional.linear(x, weight).Dispose();
        var start = Stopwatch.GetTimestamp();
        torch.nn.functional.linear(x, weight).Dispose();
        var byHand = 2.0 * rows * 768 * 3072 / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e9;

        // Other programs may take the processor during one and not the other.
        Assert.InRange(GemmRate.Measure(Precision.Float32, repetitions: 3, rows), byHand / 10, byHand * 10);
    }

    [Fact]
    public void Measuring_leaves_the_number_of_threads_as_it_was()
    {
        var before = torch.get_num_threads();
        GemmRate.Measure(Precision.Float32, repetitions: 1, rows: 64);
        var inNewThread = 0;
        var thread = new Thread(() => inNewThread = torch.get_num_threads());
        thread.Start();
        thread.Join();
        Assert.Equal((before, before), (torch.get_num_threads(), inNewThread));
    }
}
