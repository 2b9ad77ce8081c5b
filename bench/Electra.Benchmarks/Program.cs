using Electra.Benchmarks;

switch (args)
{
    case ["peak"]: Peak.Print(); break; case ["packs"]: Packs.Print(); break;
    case ["gemm"]:
        GemmComparison.Print();
        break;
    case ["step", var size, var workers, var steps]:
        StepReport.Print(size, int.Parse(workers), int.Parse(steps));
        break;
    default:
        Console.Error.WriteLine("usage: gemm | step small|quickstart WORKERS STEPS");
        return 2;
}
return 0;
