using System.CommandLine;
using Electra.Checkpoints;
using Electra.FineTuning;
using Electra.Model;
using Electra.Numerics;
using Electra.Pretraining;

namespace Electra.Cli;

/// <summary><c>electra export</c>: a model of a run, or any model directory, as Hugging Face loads it without a warning.</summary>
static class ExportCommand
{
    static readonly TensorFormat[] Formats = [TensorFormat.Float32, TensorFormat.Float16, TensorFormat.BFloat16];

    public static Command Create()
    {
        var model = new Argument<string>("MODEL") { Description = "A model directory: RUN/model/discriminator, RUN/checkpoints/step-N/generator, or RUN/model for both; of a fine-tuning its directory." };
        var output = new Option<string>("--out") { Required = true, Description = "Where the model is written; must not exist." };
        var format = new Option<string?>("--dtype") { Description = $"Round the weights to {string.Join(", ", Formats.Select(TensorFormats.HuggingFaceName))}; without it they stay as they are." };
        var architecture = ArchitectureOption();
        var license = new Option<string?>("--license") { Description = "The licence of the weights, such as apache-2.0, for the model card." };
        var command = new Command("export", "Write a directory that Hugging Face loads: weights, configuration, tokenizer, model card.") { model, output, format, architecture, license };
        command.Validators.Add(parsed =>
        {
            if (parsed.GetValue(license)?.Any(char.IsControl) is true) parsed.AddError("--license holds a line break or another control character: a licence is one short name.");
        });
        command.SetAction(parsed =>
        {
            var (source, destination) = (parsed.GetRequiredValue(model), parsed.GetRequiredValue(output));
            var wanted = ParseArchitecture(parsed.GetValue(architecture));
            var rounded = ParseFormat(parsed.GetValue(format));
            if (TaskModel.IsRun(source)) source = TaskModel.Find(source);
            TorchLibrary.EnsureLoaded();
            Print(ModelCopy.Run(source, destination, rounded, wanted, part => CardOf(part, parsed.GetValue(license))), destination);
        });
        return command;
    }

    /// <summary>The option that both directions share.</summary>
    public static Option<string?> ArchitectureOption() => new("--architecture")
    {
        Description = "Write this head, such as ElectraForPreTraining, instead of the directory's own; one that is missing begins fresh.",
    };

    /// <summary>The architecture of a name given on the command line.</summary>
    public static Architecture? ParseArchitecture(string? name) => name is null ? null : Architecture.Named(name);

    /// <summary>Findings to standard error, what was written to standard output.</summary>
    public static void Print(IReadOnlyList<LoadReport> reports, string destination)
    {
        foreach (var line in reports.SelectMany(report => report.Lines())) Console.Error.WriteLine($"electra: {line}");
        Console.WriteLine(destination);
    }

    static ModelCard? CardOf(string model, string? license)
    {
        if (RunModelCard.Find(model, license) is { } card) return card;
        if (license is null) return null;
        if (File.Exists(Path.Combine(model, ModelCard.FileName)))
            throw new ArgumentException($"{model} has a {ModelCard.FileName}, which is kept: change the licence there instead of giving --license.");
        return new ModelCard(Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(model))), License: license);
    }

    static TensorFormat? ParseFormat(string? name)
    {
        if (name is null) return null;
        foreach (var format in Formats)
            if (TensorFormats.HuggingFaceName(format) == name) return format;
        throw new ArgumentException($"--dtype '{name}' is unknown, use one of {string.Join(", ", Formats.Select(TensorFormats.HuggingFaceName))}.");
    }
}
