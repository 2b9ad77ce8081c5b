using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using Electra.FineTuning;
using Electra.Numerics;
using Electra.Training;

namespace Electra.Cli;

/// <summary><c>electra bench finetune</c>: the loop that <c>finetune</c> runs, timed step by step.</summary>
static class FineTuneBench
{
    const int NumSentences = 2000;

    public static Command Create()
    {
        var model = BenchedClassifier.ModelOption();
        var steps = new Option<int>("--steps") { Description = "Timed steps; the median counts.", DefaultValueFactory = _ => 12 };
        var warmup = new Option<int>("--warmup") { Description = "Steps before, not counted.", DefaultValueFactory = _ => 2 };
        var batch = new Option<int>("--batch") { Description = "Sentences in a step.", DefaultValueFactory = _ => 32 };
        var gemmRate = MachineRate.Option();
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("finetune", "Tokens per second and utilisation of fine-tuning, at base size unless a model is given.") { model, steps, warmup, batch, gemmRate, json };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(steps) < 1 || parsed.GetValue(warmup) < 0 || parsed.GetValue(batch) < 1)
                throw new ArgumentException($"--steps {parsed.GetValue(steps)} --warmup {parsed.GetValue(warmup)} --batch {parsed.GetValue(batch)}: one timed step of one sentence is needed.");
            var result = Run(parsed.GetValue(model), parsed.GetValue(steps), parsed.GetValue(warmup), parsed.GetValue(batch), new MachineRate(parsed.GetValue(gemmRate)));
            Console.WriteLine(parsed.GetValue(json)
                ? JsonSerializer.Serialize(result, FineTuneBenchJson.Default.Result)
                : $"""
                    {result.TokensPerSecond:N0} tokens/s ({result.Lowest:N0} to {result.Highest:N0}, median of {result.Steps} steps), {result.TokensPerRow:F1} tokens a row, {result.Batch} rows a step
                    utilisation {result.Utilisation:F3} ({result.LowestUtilisation:F3} to {result.HighestUtilisation:F3}) of {result.GemmGflops:N0} GFLOP/s; {result.Machine}
                    resident {result.ResidentBytes / 1e6:N0} MB
                    """);
        });
        return command;
    }

    static Result Run(string? directory, int steps, int warmup, int batch, MachineRate machine)
    {
        TorchLibrary.EnsureLoaded();
        var (network, tokenizer, maxLength) = BenchedClassifier.Of(directory);
        var folder = Directory.CreateTempSubdirectory("electra-bench-");
        try
        {
            File.WriteAllLines(Path.Combine(folder.FullName, "train.tsv"),
                ["text\tlabel", .. BundledSentences.Read(NumSentences).Select((text, i) => $"{text.Replace('\t', ' ')}\t{(i % 2 == 0 ? "even" : "odd")}")]);
            var recipe = RecipeFile.Parse($$"""
                { "task": "bench", "batch": { "size": {{batch}}, "max_length": {{maxLength}}, "micro_batch": {{batch}} }, "optimizer": {}, "schedule": { "peak": 1e-4 },
                  "layerwise_decay": {}, "head": {}, "run": { "steps": {{warmup + steps}}, "log_every": 1, "save_every": 1000000 } }
                """, "bench", FineTuningJson.Default.FineTuningRecipe);
            var sets = TaskSets.Load(BenchedClassifier.Task, folder.FullName, tokenizer, maxLength, _ => { });
            var manifest = FineTuningManifest.Of(recipe, folder.FullName, directory ?? "base", hasRandomWeights: true, numSeeds: 1, sets);
            machine.Measure();
            var clock = new StepClock();
            using var tuner = new FineTuner(
                FineTuningUnit.Of(recipe, 1)[0], sets, InitialEncoder.Random(network, tokenizer), manifest, Path.Combine(folder.FullName, "run"), clock);
            clock.Start();
            var result = tuner.Run(CancellationToken.None)!;                                 // never cancelled
            machine.Measure();
            return Summarise(clock.Steps.Skip(warmup).ToList(), machine.Gflops, batch, result.Machine);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    static Result Summarise(List<Step> steps, double gemm, int batch, string machine)
    {
        var tokens = Spread.Of(steps.Select(step => step.Tokens / step.Seconds));
        var utilisation = Spread.Of(steps.Select(step => step.Flops / step.Seconds / (gemm * 1e9)));
        return new Result(
            tokens.Median, tokens.Lowest, tokens.Highest, gemm, utilisation.Median, utilisation.Lowest, utilisation.Highest, steps.Count,
            steps.Average(step => step.Tokens) / batch, batch, machine, Process.GetCurrentProcess().PeakWorkingSet64);
    }

    /// <summary>Takes the time between consecutive steps: data, passes, optimizer and logging.</summary>
    sealed class StepClock : IProgress<FineTuningProgress>
    {
        long _last;
        double _tokens, _flops;

        public List<Step> Steps { get; } = [];

        /// <summary>The first step begins.</summary>
        public void Start() => _last = Stopwatch.GetTimestamp();

        public void Report(FineTuningProgress value)
        {
            if (value.Metrics is not { } metrics) return;
            Steps.Add(new Step(metrics["tokens_seen"] - _tokens, metrics["flops"] - _flops, Stopwatch.GetElapsedTime(_last).TotalSeconds));
            (_tokens, _flops, _last) = (metrics["tokens_seen"], metrics["flops"], Stopwatch.GetTimestamp());
        }
    }

    readonly record struct Step(double Tokens, double Flops, double Seconds);

    /// <param name="GemmGflops">What the machine multiplies (docs/performance.md), measured before and after, the larger counted.</param>
    internal sealed record Result(
        double TokensPerSecond, double Lowest, double Highest, double GemmGflops, double Utilisation, double LowestUtilisation, double HighestUtilisation,
        int Steps, double TokensPerRow, int Batch, string Machine, long ResidentBytes);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(FineTuneBench.Result))]
sealed partial class FineTuneBenchJson : JsonSerializerContext;
