using BenchmarkDotNet.Running;
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
    case ["step", var size, var workers, var steps, var precision]:
        StepReport.Print(size, int.Parse(workers), int.Parse(steps), Enum.Parse<Precision>(precision, ignoreCase: true));
        break;
    case ["kernels", .. var options]:
        BenchmarkSwitcher.FromTypes([typeof(BFloat16KernelBenchmarks), typeof(Float32KernelBenchmarks)]).Run(options);
        break;
    default:
        Console.Error.WriteLine("usage: gemm | attention | step SIZE WORKERS STEPS float32|bfloat16 | kernels [options of BenchmarkDotNet]");
        return 2;
}
return 0;
