using System.CommandLine;

namespace Electra.Cli;

/// <summary>electra bench: how fast this machine does the work, one subcommand for each kind of work.</summary>
static class BenchCommand
{
    public static Command Create() => new("bench", "Measure speed on this machine.")
    {
        PretrainBench.Create(),
        FlopsBench.Create(),
        CorpusBench.Create(),
        TokenizeBench.Create(),
        EmbedBench.Create(),
        PredictBench.Create(),
        FineTuneBench.Create(),
    };
}
