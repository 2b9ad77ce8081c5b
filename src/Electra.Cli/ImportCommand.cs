using System.CommandLine;
using Electra.Checkpoints;
using Electra.Numerics;

namespace Electra.Cli;

/// <summary><c>electra import</c>: a published model into our layout, which is Hugging Face's of today.</summary>
static class ImportCommand
{
    public static Command Create()
    {
        var source = new Argument<string>("SOURCE") { Description = "A directory with config.json and model.safetensors (also sharded) or pytorch_model.bin, or with generator/ and discriminator/." };
        var output = new Option<string>("--out") { Required = true, Description = "Where the model is written; must not exist." };
        var architecture = ExportCommand.ArchitectureOption();
        var command = new Command("import", "Read a Hugging Face model of ELECTRA, BERT or RoBERTa, and say what was missing or left out.") { source, output, architecture };
        command.SetAction(parsed =>
        {
            var wanted = ExportCommand.ParseArchitecture(parsed.GetValue(architecture));
            TorchLibrary.EnsureLoaded();
            ExportCommand.Print(ModelCopy.Run(parsed.GetRequiredValue(source), parsed.GetRequiredValue(output), architecture: wanted), parsed.GetRequiredValue(output));
        });
        return command;
    }
}
