using Electra.Evaluation;
using Electra.Numerics;
using TorchSharp;

namespace Electra.Benchmarks;

/// <summary>Tokens per second of the joint step, and its share of the rate at which the machine multiplies in the same format (<see cref="GemmRate"/>).</summary>
static class StepReport
{
    static readonly Dictionary<string, StepSize> Sizes = new()
    {
        ["small"] = StepSize.Of("small", rows: 32, rowTokens: 128),
        ["batch8"] = StepSize.Of("small", rows: 8, rowTokens: 128),
        ["long"] = StepSize.Of("small", rows: 8, rowTokens: 512),
        ["base"] = StepSize.Of("base", rows: 8, rowTokens: 128),
        ["base-long"] = StepSize.Of("base", rows: 8, rowTokens: 512),
        ["quickstart"] = StepSize.Of("quickstart", rows: 32, rowTokens: 64),
    };

    /// <summary>The sizes that can be timed.</summary>
    public static IEnumerable<string> Names => Sizes.Keys;

    public static void Print(string name, int workers, int steps, Precision precision)
    {
        var size = Sizes[name];
        TorchLibrary.EnsureLoaded();
        torch.set_num_threads(workers);
        using var step = new JointStep(size, workers, precision);
        for (var warm = 0; warm < 2; warm++) step.Run();
        Array.Clear(step.Phases);
        var gemm = GemmRate.Measure(precision);
        var runs = Enumerable.Range(0, steps).Select(_ => step.Run()).ToArray();
        gemm = Math.Max(gemm, GemmRate.Measure(precision));
        Console.WriteLine($"{name}, {precision}, {workers} workers: losses {runs[^1].GeneratorLoss:F3} {runs[^1].DiscriminatorLoss:F3}, {size.Flops / 1e9:F1} GFLOP a step");
        var wall = Print("wall", size, [.. runs.Select(run => run.Wall)]);
        Console.WriteLine($" of {gemm:F1}: {size.Flops / wall / 1e9 / gemm:F3}");
        // Of the busiest worker: on a machine that others use too it says what the step costs, where the wall says how long it had to wait.
        Print("processor", size, [.. runs.Select(run => run.Processor)]);
        Console.WriteLine();
        for (var phase = 0; phase < step.Phases.Length; phase++)
            Console.WriteLine($"  {JointStep.PhaseNames[phase],-24} {step.Phases[phase] / steps * 1e3,8:F1} ms wall");
        Console.WriteLine($"  resident {Environment.WorkingSet >> 20} MB");
    }

    // Returns the median.
    static double Print(string clock, StepSize size, double[] seconds)
    {
        var median = Statistics.Median(seconds);
        Console.Write($"  {clock,-10} {median * 1e3,7:F1} ms ({seconds.Min() * 1e3:F1}-{seconds.Max() * 1e3:F1}) {size.NumTokens / median,7:F0} tokens/s {size.Flops / median / 1e9,6:F1} GFLOP/s");
        return median;
    }
}
