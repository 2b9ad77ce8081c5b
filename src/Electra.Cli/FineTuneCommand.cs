using System.CommandLine;
using Electra.FineTuning;
using Electra.Numerics;
using Electra.Training;

namespace Electra.Cli;

/// <summary><c>electra finetune</c>: a pretrained encoder on a task, once or with several seeds, rates and batch sizes.</summary>
static class FineTuneCommand
{
    public static Command Create()
    {
        var recipe = new Argument<string?>("recipe") { Arity = ArgumentArity.ZeroOrOne, Description = "The recipe: recipes/sst2.json and its like, or your own." };
        var data = new Option<string?>("--data") { Description = "The folder of the task's files." };
        var from = new Option<string?>("--from") { Description = "The encoder: a Hugging Face directory, or a pretraining run." };
        var output = new Option<string?>("--out") { Description = "Where the runs are written; must not exist." };
        var seeds = new Option<int>("--seeds") { Description = "Runs of each learning rate and batch size, with seeds from the recipe's on.", DefaultValueFactory = _ => 1 };
        var random = new Option<bool>("--random-weights") { Description = "Take sizes and vocabulary of --from only: the baseline that shows what pretraining brings." };
        var resume = new Option<string?>("--resume") { Description = "A fine-tuning to go on with; everything is taken from it." };
        var overrides = new Option<string[]>("--set") { Description = "Change one value of the recipe, section.key=value; may be given often." };
        var taskOverrides = new Option<string[]>("--set-task") { Description = "Change one value of the task, such as columns.label=3; may be given often." };
        var json = new Option<bool>("--json") { Description = "Print the summary as JSON." };
        var command = new Command("finetune", "Fine-tune a pretrained encoder on a task.") { recipe, data, from, output, seeds, random, resume, overrides, taskOverrides, json };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(resume) is { } path)
            {
                if (parsed.GetValue(recipe) is not null) throw new ArgumentException("--resume takes the recipe from the run: leave it out.");
                Option[] ofTheRun = [output, from, seeds, random, overrides, taskOverrides];
                if (ofTheRun.FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false }) is { } other)
                    throw new ArgumentException($"--resume takes {other.Name} from the run: leave it out. Another one needs a run of its own, with --out.");
                TorchLibrary.EnsureLoaded();
                return Resume(FineTuningRun.Open(path), parsed.GetValue(data), parsed.GetValue(json));
            }
            return Start(
                parsed.GetValue(recipe) ?? throw new ArgumentException("Which recipe? Give one of recipes/*.json, or --resume DIR."),
                parsed.GetValue(data) ?? throw new ArgumentException("Which data? Give --data DIR, the folder of the task's files."),
                parsed.GetValue(from) ?? throw new ArgumentException("Which encoder? Give --from MODEL, a Hugging Face directory or a pretraining run."),
                parsed.GetValue(output) ?? throw new ArgumentException("Where to? Give --out DIR."),
                parsed.GetValue(seeds), parsed.GetValue(random), parsed.GetValue(overrides) ?? [], parsed.GetValue(taskOverrides) ?? [], parsed.GetValue(json));
        });
        return command;
    }

    static int Start(string recipePath, string data, string from, string output, int seeds, bool random, string[] overrides, string[] taskOverrides, bool json)
    {
        if (RecipeFile.HasKey(recipePath, "objective")) throw new ArgumentException($"{recipePath} is a recipe for pretraining: electra pretrain {recipePath}");
        if (RecipeFile.HasKey(recipePath, "splits")) throw new ArgumentException($"{recipePath} is a task, which a recipe names: electra finetune recipes/sst2.json --set task={recipePath}");
        var recipe = RecipeFile.Load(recipePath, FineTuningJson.Default.FineTuningRecipe, overrides);
        if (taskOverrides.Length > 0) recipe = recipe with { TaskSet = [.. recipe.TaskSet ?? [], .. taskOverrides] };
        recipe.Check(RecipeFile.NameOf(recipePath, overrides));
        _ = FineTuningUnit.Of(recipe, seeds);
        Pretraining.RunDirectory.RefuseExisting(output);
        var task = BundledFiles.LoadTask(recipe.Task, recipe.TaskSet);
        var model = InitialEncoder.Open(from, random);
        TorchLibrary.EnsureLoaded();
        var display = new FineTuningDisplay();
        // Whatever the data, the model and the recipe can be refused for comes before the directory: a corrected command finds its place free.
        var sets = TaskSets.Load(task, data, model.Tokenizer, recipe.Batch.MaxLength, display.Warn);
        FineTuner.Check(recipe, sets, model);
        var run = FineTuningRun.Create(output, recipe, FineTuningManifest.Of(recipe, data, from, random, seeds, sets), task);
        using var runLock = run.Lock();
        return Run(run, sets, model, display, json);
    }

    static int Resume(FineTuningRun run, string? data, bool json)
    {
        using var runLock = run.Lock();
        var display = new FineTuningDisplay();
        var model = InitialEncoder.Open(run.Manifest.From, run.Manifest.HasRandomWeights);
        var task = run.Task ?? BundledFiles.LoadTask(run.Recipe.Task, run.Recipe.TaskSet);
        var sets = TaskSets.Load(task, data ?? run.Manifest.Data, model.Tokenizer, run.Recipe.Batch.MaxLength, display.Warn);
        return Run(run, sets, model, display, json);
    }

    static int Run(FineTuningRun run, TaskSets sets, InitialEncoder model, FineTuningDisplay display, bool json)
    {
        using var interruption = new Interruption();
        var summary = FineTuningSweep.Run(run, sets, model, display, display.Finish, interruption.Token);
        if (summary is null)
        {
            Console.Error.WriteLine($"electra: interrupted; go on with: electra finetune --resume {run.Path}");
            return interruption.ExitCode;
        }
        FineTuningText.Print(summary, run, json);
        if (summary.BestUnit is not null) return ExitCodes.Success;
        Console.Error.WriteLine($"electra: none of the {summary.Units.Count} runs came to its end. {summary.Units[0].Failure}");
        return ExitCodes.Failure;
    }
}
