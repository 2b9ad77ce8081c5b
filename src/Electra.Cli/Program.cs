using System.CommandLine;

namespace Electra.Cli;

/// <summary>The program's face: the command tree on one screen.</summary>
static class Program
{
    static int Main(string[] arguments)
    {
        var root = new RootCommand("Pretrain language encoders by replaced token detection, and exchange them with Hugging Face.")
        {
            QuickstartCommand.Create(),
            VocabCommand.Create(),
            TokenizeCommand.Create(),
            CorpusCommand.Create(),
            PretrainCommand.Create(),
            TextCommands.CreateDetect(),
            TextCommands.CreateFillMask(),
            TextCommands.CreateEmbed(),
            ScoreCommand.Create(),
            ImportCommand.Create(),
            ExportCommand.Create(),
            VerifyCommand.Create(),
            ReportCommand.Create(),
            BenchCommand.Create(),
            DoctorCommand.Create(),
        };
        return ExitCodes.Run(root, arguments);
    }
}
