using System.CommandLine;
using System.CommandLine.Help;

namespace Electra.Cli;

/// <summary>The program's face: the command tree on one screen.</summary>
static class Program
{
    static int Main(string[] arguments)
    {
        StandardOutput.Use();
        return ExitCodes.Run(CreateCommands(), arguments);
    }

    /// <summary>All commands. A RootCommand would be called after its file, Electra.Cli.</summary>
    internal static Command CreateCommands() =>
        new("electra", "Pretrain language encoders by replaced token detection, and exchange them with Hugging Face.")
        {
            new HelpOption(),
            new VersionOption(),
            QuickstartCommand.Create(),
            VocabCommand.Create(),
            TokenizeCommand.Create(),
            CorpusCommand.Create(),
            PretrainCommand.Create(),
            FineTuneCommand.Create(),
            EvaluateCommand.Create(),
            PredictCommand.Create(),
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
}
