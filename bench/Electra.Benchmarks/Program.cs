using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;
using Electra.Benchmarks;
using Electra.Numerics;

switch (args)
{
    case ["gemm"]:
        GemmComparison.Print();
        break;
    case ["attention"]:
        AttentionReport.Print();
        break;
    case ["step", var size, var workers, var steps, var precision]
        when StepReport.Names.Contains(size) && int.TryParse(workers, out var numWorkers) && int.TryParse(steps, out var numSteps) && numWorkers > 0 && numSteps > 0
        && Enum.TryParse<Precision>(precision, ignoreCase: true, out var format):
        if (format == Precision.BFloat16 && !BFloat16Product.IsAvailable)
        {
            Console.Error.WriteLine("This processor, or what it is allowed, has no bfloat16 kernels: take float32.");
            return 2;
        }
        StepReport.Print(size, numWorkers, numSteps, format);
        break;
    case ["pieces"]:
        PieceReport.Print();
        break;
    case ["kernels", _, ..]:
        // In this process: no project is generated and built. Nine iterations of a tenth of a second are over in half a minute.
        var job = Job.Default.WithToolchain(InProcessEmitToolchain.Instance).WithWarmupCount(3).WithIterationCount(9).WithIterationTime(TimeInterval.FromMilliseconds(100));
        BenchmarkSwitcher.FromTypes([typeof(BFloat16KernelBenchmarks), typeof(Float32KernelBenchmarks)]).Run(args[1..], DefaultConfig.Instance.AddJob(job));
        break;
    default:
        Console.Error.WriteLine($"usage: gemm | attention | pieces | step {string.Join('|', StepReport.Names)} WORKERS STEPS float32|bfloat16 | kernels OPTIONS of BenchmarkDotNet, such as --filter '*'");
        return 2;
}
return 0;
