using BenchmarkDotNet.Running;
using Electra.Benchmarks;

switch (args)
{
    case ["gemm"]:
        GemmComparison.Print();
        break;
    case ["attention"]:
        AttentionReport.Print();
        break;
    case ["step", var size, var workers, var steps]:
        StepReport.Print(size, int.Parse(workers), int.Parse(steps));
        break;
    case ["kernels", .. var options]:
        BenchmarkRunner.Run<KernelBenchmarks>(args: options);
        break;
    default:
        Console.Error.WriteLine("usage: gemm | attention | step SIZE WORKERS STEPS | kernels [options of BenchmarkDotNet]");
        return 2;
}
return 0;
