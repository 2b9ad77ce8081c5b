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
    case ["step", var size, var workers, var steps, var precision] when StepReport.Names.Contains(size):
        StepReport.Print(size, int.Parse(workers), int.Parse(steps), Enum.Parse<Precision>(precision, ignoreCase: true));
        break;
    case ["pieces"]:
        PieceReport.Print();
        break;
    case ["kernels", .. var options]:
        // In this process: no project is generated and built. Nine iterations of a tenth of a second are over in half a minute.
        var job = Job.Default.WithToolchain(InProcessEmitToolchain.Instance).WithWarmupCount(3).WithIterationCount(9).WithIterationTime(TimeInterval.FromMilliseconds(100));
        BenchmarkSwitcher.FromTypes([typeof(BFloat16KernelBenchmarks), typeof(Float32KernelBenchmarks)]).Run(options, DefaultConfig.Instance.AddJob(job));
        break;
    default:
        Console.Error.WriteLine($"usage: gemm | attention | pieces | step {string.Join('|', StepReport.Names)} WORKERS STEPS float32|bfloat16 | kernels [options of BenchmarkDotNet]");
        return 2;
}
return 0;
