using System.Diagnostics;
using Electra.Numerics;
using Electra.Numerics.Kernels;
using TorchSharp;

namespace Electra.Benchmarks;

/// <summary>Tokens per second of the joint step, beside the rate of one large product per thread.</summary>
static unsafe class StepReport
{
    static readonly JointStepSize[] Sizes =
    [
        new("small", 32, 128, 30522, 128, 12, 64, 1, 256, 4),
        new("batch8", 8, 128, 30522, 128, 12, 64, 1, 256, 4),
        new("long", 8, 512, 30522, 128, 12, 64, 1, 256, 4),
        new("base", 8, 128, 30522, 768, 12, 256, 4, 768, 12),
        new("base-long", 8, 512, 30522, 768, 12, 256, 4, 768, 12),
        new("quickstart", 32, 64, 30522, 64, 2, 8, 1, 128, 2, Dropout: 0, Temperature: 1.05f),
    ];

    public static void Print(string name, int workers, int steps, Precision precision)
    {
        var size = Sizes.Single(size => size.Name == name);
        using var step = new JointStep(size, workers, precision);
        for (var warm = 0; warm < 2; warm++) step.Run();
        Array.Clear(step.Phases);
        var before = GemmRate(workers, precision);
        var runs = Enumerable.Range(0, steps).Select(_ => step.Run()).ToArray();
        var rate = Max(before, GemmRate(workers, precision));
        var (wall, processor) = (Median(runs.Select(run => run.Wall)), Median(runs.Select(run => run.Processor)));
        var tokens = size.Rows * size.Tokens;
        Console.WriteLine($"{name}, {precision}, {workers} workers: losses {runs[^1].GeneratorLoss:F3} {runs[^1].DiscriminatorLoss:F3}, {step.Flops / 1e9:F1} GFLOP a step");
        Console.WriteLine($"  wall       {wall * 1e3,7:F1} ms ({runs.Min(run => run.Wall) * 1e3:F1}-{runs.Max(run => run.Wall) * 1e3:F1}) {tokens / wall,7:F0} tokens/s {step.Flops / wall / 1e9,6:F1} GFLOP/s of {rate.Wall:F1}: {step.Flops / wall / 1e9 / rate.Wall:F3}");
        Console.WriteLine($"  processor  {processor * 1e3,7:F1} ms ({runs.Min(run => run.Processor) * 1e3:F1}-{runs.Max(run => run.Processor) * 1e3:F1}) {tokens / processor,7:F0} tokens/s {step.Flops / processor / 1e9,6:F1} GFLOP/s of {rate.Processor:F1}: {step.Flops / processor / 1e9 / rate.Processor:F3}");
        for (var phase = 0; phase < step.Phases.Length; phase++)
            Console.WriteLine($"  {JointStep.PhaseNames[phase],-24} {step.Phases[phase] / steps * 1e3,8:F1} ms wall");
        Console.WriteLine($"  resident {Environment.WorkingSet >> 20} MB");
    }

    static (double Wall, double Processor) Max((double Wall, double Processor) a, (double Wall, double Processor) b) =>
        (Math.Max(a.Wall, b.Wall), Math.Max(a.Processor, b.Processor));

    // (4096 x 768) by (768 x 3072), one product per thread at the same time, through libtorch; the sum over the threads.
    static (double Wall, double Processor) GemmRate(int workers, Precision precision)
    {
        const int Rows = 4096, Depth = 768, Columns = 3072;
        using var team = new WorkerTeam(workers);
        var (walls, processors) = (new double[workers], new double[workers]);
        team.Run(worker =>
        {
            torch.set_num_threads(1);
            using var scope = torch.NewDisposeScope();
            var format = precision == Precision.BFloat16 ? torch.ScalarType.BFloat16 : torch.ScalarType.Float32;
            var a = torch.randn(Rows, Depth).to(format);
            var b = torch.randn(Columns, Depth).to(format);
            var (wall, processor) = (new List<double>(), new List<double>());
            for (var i = 0; i < 8; i++)
            {
                var (start, used) = (Stopwatch.GetTimestamp(), ThreadClock.Seconds);
                using (torch.nn.functional.linear(a, b))
                {
                    wall.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
                    processor.Add(ThreadClock.Seconds - used);
                }
            }
            const double Flops = 2.0 * Rows * Depth * Columns / 1e9;
            (walls[worker], processors[worker]) = (Flops / Median(wall.Skip(2)), Flops / Median(processor.Skip(2)));
        });
        return (walls.Sum(), processors.Sum());
    }

    static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }
}
