using System.CommandLine;
using Electra.Corpus;
using Electra.Numerics;
using Electra.Pretraining;
using Electra.Training;

namespace Electra.Cli;

/// <summary><c>electra pretrain</c>: a run from its recipe, or from where it stopped.</summary>
static class PretrainCommand
{
    public static Command Create()
    {
        var recipe = new Argument<string?>("recipe") { Arity = ArgumentArity.ZeroOrOne, Description = "The recipe: recipes/*.json or your own." };
        var data = new Option<string?>("--data") { Description = "The dataset that `electra corpus build` made." };
        var output = new Option<string?>("--out") { Description = "Where the run is written; must not exist." };
        var from = new Option<string?>("--from") { Description = "A model to continue from: RUN/model, or a Hugging Face directory." };
        var generatorFrom = new Option<string?>("--generator-from") { Description = "Its generator; looked for beside the discriminator by default." };
        var resume = new Option<string?>("--resume") { Description = "A run to go on with; everything is taken from it." };
        var overrides = new Option<string[]>("--set") { Description = "Change one value of the recipe, section.key=value; may be given often." };
        var command = new Command("pretrain", "Pretrain ELECTRA, BERT or RoBERTa on a dataset, as the recipe says.") { recipe, data, output, from, generatorFrom, resume, overrides };
        command.SetAction(parsed =>
        {
            var run = parsed.GetValue(resume);
            var set = parsed.GetValue(overrides) ?? [];
            if (run is not null)
            {
                if (parsed.GetValue(recipe) is not null || parsed.GetValue(output) is not null || parsed.GetValue(from) is not null || parsed.GetValue(generatorFrom) is not null)
                    throw new ArgumentException("--resume takes recipe, model and output from the run: leave them out.");
                return Resume(run, parsed.GetValue(data), set);
            }
            if (parsed.GetValue(from) is null && parsed.GetValue(generatorFrom) is not null)
                throw new ArgumentException("--generator-from goes with --from: give the discriminator too.");
            return Start(
                parsed.GetValue(recipe) ?? throw new ArgumentException("Which recipe? Give one of recipes/*.json, or --resume RUN."),
                parsed.GetValue(data) ?? throw new ArgumentException("Which data? Give --data DATASET, which `electra corpus build` makes."),
                parsed.GetValue(output) ?? throw new ArgumentException("Where to? Give --out RUN."),
                parsed.GetValue(from), parsed.GetValue(generatorFrom), set);
        });
        return command;
    }

    static int Start(string recipePath, string data, string output, string? from, string? generatorFrom, string[] overrides)
    {
        if (RecipeFile.HasKey(recipePath, "task")) throw new ArgumentException($"{recipePath} is a recipe for fine-tuning: electra finetune {recipePath}");
        var recipe = RecipeFile.Load(recipePath, PretrainingJson.Default.PretrainingRecipe, overrides);
        recipe.Check(RecipeFile.NameOf(recipePath, overrides));
        RunDirectory.RefuseExisting(output);
        using var dataset = TokenizedDataset.Open(data);
        TorchLibrary.EnsureLoaded();
        var display = new PretrainingDisplay();
        using var pretrainer = Pretrainer.Start(recipe, dataset, output, display, from is null ? null : InitialModel.Open(from, generatorFrom));
        return Run(pretrainer, display, output);
    }

    static int Resume(string path, string? data, string[] overrides)
    {
        var run = RunDirectory.Open(path);
        var recipe = run.ReadRecipe(overrides);
        using var dataset = TokenizedDataset.Open(data ?? run.ReadManifest().Dataset);
        TorchLibrary.EnsureLoaded();
        var display = new PretrainingDisplay();
        using var pretrainer = Pretrainer.Resume(run, recipe, dataset, display);
        return Run(pretrainer, display, path);
    }

    static int Run(Pretrainer pretrainer, PretrainingDisplay display, string output)
    {
        using var interruption = new Interruption();
        var isComplete = pretrainer.Run(interruption.Token);
        display.Finish();
        if (!isComplete)
        {
            Console.Error.WriteLine($"electra: interrupted; go on with: electra pretrain --resume {output}");
            return interruption.ExitCode;
        }
        Console.WriteLine($"{Path.Combine(output, "report.html")}   curves and figures");
        var networks = pretrainer.Objective.Networks;
        var model = Path.Combine(output, "model");
        Console.WriteLine($"{(networks.Count == 1 ? model : Path.Combine(model, networks[0].Name))}   the encoder, to fine-tune or to export");
        foreach (var network in networks.Skip(1)) Console.WriteLine($"{Path.Combine(model, network.Name)}   the masked language model");
        return ExitCodes.Success;
    }
}
