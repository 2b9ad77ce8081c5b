using System.CommandLine;
using Electra.Corpus;
using Electra.Numerics;
using Electra.Pretraining;
using Electra.Training;

namespace Electra.Cli;

/// <summary><c>electra bench pretrain</c>: the loop that <c>pretrain</c> runs, timed step by step.</summary>
static class PretrainBench
{
    public static Command Create()
    {
        var recipe = new Argument<string>("recipe") { Description = "The recipe." };
        var data = new Option<string?>("--data") { Description = "A dataset; the bundled text by default." };
        var steps = new Option<int>("--steps") { Description = "Timed steps; the median counts.", DefaultValueFactory = _ => 5 };
        var warmup = new Option<int>("--warmup") { Description = "Steps before, not counted.", DefaultValueFactory = _ => 2 };
        var overrides = new Option<string[]>("--set") { Description = "Change one value of the recipe, section.key=value; may be given often." };
        var padded = new Option<bool>("--padded") { Description = "The bundled text in short documents, so that a third of the rows is padding." };
        var gemmRate = MachineRate.Option();
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("pretrain", "Tokens per second and utilisation of pretraining.") { recipe, data, padded, steps, warmup, overrides, gemmRate, json };
        command.SetAction(parsed =>
        {
            var result = Run(
                parsed.GetRequiredValue(recipe), parsed.GetValue(data), parsed.GetValue(padded), parsed.GetValue(overrides) ?? [], parsed.GetValue(warmup), parsed.GetValue(steps),
                new MachineRate(parsed.GetValue(gemmRate)));
            Console.WriteLine(result.ToText(asJson: parsed.GetValue(json)));
        });
        return command;
    }

    static TrainingSpeed Run(string recipePath, string? data, bool isPadded, string[] overrides, int warmup, int steps, MachineRate machine)
    {
        if (steps < 1 || warmup < 0 || (long)steps + warmup > int.MaxValue) throw new ArgumentException($"--steps {steps} --warmup {warmup}: at least one timed step is needed.");
        // The run's own intervals would put evaluations and checkpoints between the steps; all else is the recipe's.
        string[] quiet = [$"run.steps={warmup + steps}", "run.log_every=1", "run.evaluate_every=0", "run.evaluation_tokens=1", $"run.save_every={warmup + steps}", "run.budget_flops=0", "run.budget_minutes=0"];
        var recipe = RecipeFile.Load(recipePath, PretrainingJson.Default.PretrainingRecipe, [.. overrides, .. quiet]);
        recipe.Check(recipePath);
        TorchLibrary.EnsureLoaded();
        if (isPadded && data is not null) throw new ArgumentException("--padded takes the bundled text: leave out --data.");
        using var dataset = data is not null ? TokenizedDataset.Open(data) : isPadded ? BundledDataset.OpenPadded(recipe.Batch.Length) : BundledDataset.Open();
        using var interruption = new Interruption(BenchFolder.Announcement);
        using var folder = new BenchFolder();
        var clock = new TrainingSpeed.Clock();
        var runDirectory = folder["run"];
        using var pretrainer = Pretrainer.Start(recipe, dataset, runDirectory, new Progress(clock));
        var precision = Enum.Parse<Precision>(RunDirectory.Open(runDirectory).ReadManifest().Precision);
        machine.Measure();
        if (!pretrainer.Run(interruption.Token)) throw new OperationCanceledException("The benchmark was interrupted.");
        machine.Measure();
        return clock.Speed(warmup, recipe.Batch.Size, machine.Gflops, ComputeDevice.Describe(precision, pretrainer.Objective.KernelPrecision));
    }

    /// <summary>Tells a clock of the loop's log lines; the time of an evaluation is none of a step.</summary>
    sealed class Progress(TrainingSpeed.Clock clock) : IProgress<PretrainingProgress>
    {
        public void Report(PretrainingProgress value)
        {
            if (value.Message is { } message) Console.Error.WriteLine($"electra: {message}");
            if (value.Metrics is not { } metrics) return;
            if (value.IsEvaluation) clock.Restart();
            else clock.Add(metrics);
        }
    }
}
