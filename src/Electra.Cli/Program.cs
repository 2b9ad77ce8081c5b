using System.CommandLine;

namespace Electra.Cli;

/// <summary>The program's face: the command tree on one screen.</summary>
static class Program
{
    static int Main(string[] arguments)
    {
        var root = new RootCommand("Pretrain, fine-tune, evaluate, compare and serve language encoders by replaced token detection.")
        {
            ReportCommand.Create(),
            DoctorCommand.Create(),
            BenchCommand.Create(),
            TokenizeCommand.Create(),
            ScoreCommand.Create(),
            VocabCommand.Create(),
            CorpusCommand.Create(),
        };
        return ExitCodes.Run(root, arguments);
    }
}
