using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
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
            Console.WriteLine(parsed.GetValue(json)
                ? JsonSerializer.Serialize(result, PretrainBenchJson.Default.Result)
                : $"""
                    {result.TokensPerSecond:N0} tokens/s ({result.Lowest:N0} to {result.Highest:N0}, median of {result.Steps} steps), {result.TokensPerRow:F1} tokens a row
                    utilisation {result.Utilisation:F3} ({result.LowestUtilisation:F3} to {result.HighestUtilisation:F3}) of {result.GemmGflops:N0} GFLOP/s; {result.Machine}
                    resident {result.ResidentBytes / 1e6:N0} MB
                    """);
        });
        return command;
    }

    static Result Run(string recipePath, string? data, bool isPadded, string[] overrides, int warmup, int steps, MachineRate machine)
    {
        if (steps < 1 || warmup < 0) throw new ArgumentException($"--steps {steps} --warmup {warmup}: at least one timed step is needed.");
        // The run's own intervals would put evaluations and checkpoints between the steps; all else is the recipe's.
        string[] quiet = [$"run.steps={warmup + steps}", "run.log_every=1", "run.evaluate_every=0", "run.evaluation_tokens=1", $"run.save_every={warmup + steps}", "run.budget_flops=0", "run.budget_minutes=0"];
        var recipe = RecipeFile.Load(recipePath, PretrainingJson.Default.PretrainingRecipe, [.. overrides, .. quiet]);
        recipe.Check(recipePath);
        TorchLibrary.EnsureLoaded();
        if (isPadded && data is not null) throw new ArgumentException("--padded takes the bundled text: leave out --data.");
        using var dataset = data is not null ? TokenizedDataset.Open(data) : isPadded ? BundledDataset.OpenPadded(recipe.Batch.Length) : BundledDataset.Open();
        var folder = Directory.CreateTempSubdirectory("electra-bench-");
        try
        {
            var clock = new StepClock();
            var runDirectory = Path.Combine(folder.FullName, "run");
            using var pretrainer = Pretrainer.Start(recipe, dataset, runDirectory, clock);
            var precision = Enum.Parse<Precision>(RunDirectory.Open(runDirectory).ReadManifest().Precision);
            machine.Measure();
            pretrainer.Run(CancellationToken.None);
            machine.Measure();
            return Summarise(clock.Steps.Skip(warmup).ToList(), machine.Gflops, ComputeDevice.Describe(precision, pretrainer.Objective.UsesKernels), recipe.Batch.Size);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    static Result Summarise(List<Step> steps, double gemm, string machineName, int batchSize)
    {
        var tokens = Spread.Of(steps.Select(step => step.Tokens / step.Seconds));
        var utilisation = Spread.Of(steps.Select(step => step.Flops / step.Seconds / (gemm * 1e9)));
        return new Result(
            tokens.Median, tokens.Lowest, tokens.Highest, gemm, utilisation.Median, utilisation.Lowest, utilisation.Highest, steps.Count,
            steps.Average(step => step.Tokens) / batchSize, machineName, Process.GetCurrentProcess().PeakWorkingSet64);
    }

    /// <summary>Takes the time between the log lines of consecutive steps: data, passes, optimizer and logging.</summary>
    sealed class StepClock : IProgress<PretrainingProgress>
    {
        long _last;
        double _tokens, _flops;

        public List<Step> Steps { get; } = [];

        public void Report(PretrainingProgress value)
        {
            if (value.Metrics is not { } metrics) return;
            if (!value.IsEvaluation)
            {
                Steps.Add(new Step(metrics["tokens_seen"] - _tokens, metrics["flops"] - _flops, Stopwatch.GetElapsedTime(_last).TotalSeconds));
                (_tokens, _flops) = (metrics["tokens_seen"], metrics["flops"]);
            }
            _last = Stopwatch.GetTimestamp();
        }
    }

    readonly record struct Step(double Tokens, double Flops, double Seconds);

    /// <param name="GemmGflops">What the machine multiplies (docs/performance.md), measured before and after, the larger counted.</param>
    internal sealed record Result(
        double TokensPerSecond, double Lowest, double Highest, double GemmGflops, double Utilisation, double LowestUtilisation, double HighestUtilisation,
        int Steps, double TokensPerRow, string Machine, long ResidentBytes);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(PretrainBench.Result))]
sealed partial class PretrainBenchJson : JsonSerializerContext;
