using System.CommandLine;
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
            Console.WriteLine(result.ToText(asJson: parsed.GetValue(json)));
        });
        return command;
    }

    static TrainingSpeed Run(string? directory, int steps, int warmup, int batch, MachineRate machine)
    {
        TorchLibrary.EnsureLoaded();
        _ = InferencePrecision.Choose(); // for its warning: the recipe takes the same
        var (network, tokenizer, maxLength) = BenchedClassifier.Of(directory);
        using var interruption = new Interruption(BenchFolder.Announcement);
        using var folder = new BenchFolder();
        File.WriteAllLines(folder["train.tsv"],
            ["text\tlabel", .. BundledSentences.Read(NumSentences).Select((text, i) => $"{text.Replace('\t', ' ')}\t{(i % 2 == 0 ? "even" : "odd")}")]);
        var recipe = RecipeFile.Parse($$"""
            { "task": "bench", "batch": { "size": {{batch}}, "max_length": {{maxLength}}, "micro_batch": {{batch}} }, "optimizer": {}, "schedule": { "peak": 1e-4 },
              "layerwise_decay": {}, "head": {}, "run": { "steps": {{warmup + steps}}, "log_every": 1, "save_every": 1000000 } }
            """, "bench", FineTuningJson.Default.FineTuningRecipe);
        var sets = TaskSets.Load(BenchedClassifier.Task, folder.Path, tokenizer, maxLength, _ => { });
        var manifest = FineTuningManifest.Of(recipe, folder.Path, directory ?? "base", hasRandomWeights: true, numSeeds: 1, sets);
        machine.Measure();
        var clock = new TrainingSpeed.Clock();
        using var tuner = new FineTuner(
            FineTuningUnit.Of(recipe, 1)[0], sets, InitialEncoder.Random(network, tokenizer), manifest, folder["run"], new Progress(clock));
        clock.Restart();
        var result = tuner.Run(interruption.Token) ?? throw new OperationCanceledException("The benchmark was interrupted.");
        machine.Measure();
        return clock.Speed(warmup, batch, machine.Gflops, result.Machine);
    }

    /// <summary>Tells a clock of the loop's log lines.</summary>
    sealed class Progress(TrainingSpeed.Clock clock) : IProgress<FineTuningProgress>
    {
        public void Report(FineTuningProgress value)
        {
            if (value.Message is { } message) Console.Error.WriteLine($"electra: {message}");
            if (value.Metrics is { } metrics) clock.Add(metrics);
        }
    }
}
