using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using Electra.FineTuning;
using Electra.FineTuning.Tasks;
using Electra.Model;
using Electra.Numerics;
using Electra.Tokenization;
using Electra.Training;
using TorchSharp;

namespace Electra.Cli;

/// <summary><c>electra bench finetune</c> and <c>bench predict</c>: base size, random weights, bundled sentences, two classes.</summary>
static class FineTunedBench
{
    const int MaxLength = 128;

    static readonly TaskDefinition Task = RecipeFile.Parse("""
        { "name": "bench", "kind": "classification", "format": { "type": "tsv" }, "columns": { "text": "text", "label": "label" },
          "splits": { "train": { "file": "train.tsv" } }, "labels": ["even", "odd"], "metrics": ["accuracy"] }
        """, "bench", TaskJson.Default.TaskDefinition);

    public static Command CreateFineTune()
    {
        var steps = new Option<int>("--steps") { Description = "Timed steps.", DefaultValueFactory = _ => 12 };
        var warmup = new Option<int>("--warmup") { Description = "Steps before, not counted.", DefaultValueFactory = _ => 2 };
        var batch = new Option<int>("--batch") { Description = "Sentences in a step.", DefaultValueFactory = _ => 32 };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("finetune", "Tokens per second and utilisation of fine-tuning at base size.") { steps, warmup, batch, json };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(steps) < 1 || parsed.GetValue(warmup) < 0 || parsed.GetValue(batch) < 1)
                throw new ArgumentException("--steps, --batch: at least 1 is needed; --warmup must not be negative.");
            Print(FineTune(parsed.GetValue(steps), parsed.GetValue(warmup), parsed.GetValue(batch)), parsed.GetValue(json));
        });
        return command;
    }

    public static Command CreatePredict()
    {
        var sentences = new Option<int>("--sentences") { Description = "Sentences to predict.", DefaultValueFactory = _ => 2000 };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("predict", "Tokens per second and utilisation of prediction at base size, reading and encoding included.") { sentences, json };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(sentences) < 1) throw new ArgumentException($"--sentences {parsed.GetValue(sentences)}: at least 1 is needed.");
            Print(Predict(parsed.GetValue(sentences)), parsed.GetValue(json));
        });
        return command;
    }

    static Result FineTune(int steps, int warmup, int batch)
    {
        TorchLibrary.EnsureLoaded();
        var folder = Directory.CreateTempSubdirectory("electra-bench-");
        try
        {
            var tokenizer = Tokenizer();
            File.WriteAllLines(Path.Combine(folder.FullName, "train.tsv"),
                ["text\tlabel", .. BundledSentences.Read(2000).Select((text, i) => $"{text.Replace('\t', ' ')}\t{(i % 2 == 0 ? "even" : "odd")}")]);
            var recipe = RecipeFile.Parse($$"""
                { "task": "bench", "batch": { "size": {{batch}}, "max_length": {{MaxLength}}, "micro_batch": {{batch}} }, "optimizer": {}, "schedule": { "peak": 1e-4 },
                  "layerwise_decay": {}, "head": {}, "run": { "steps": {{warmup + steps}}, "log_every": 1, "save_every": 1000000 } }
                """, "bench", FineTuningJson.Default.FineTuningRecipe);
            var model = InitialEncoder.Random(Base(tokenizer), tokenizer);
            var sets = TaskSets.Load(Task, folder.FullName, tokenizer, MaxLength, _ => { });
            var clock = new StepClock();
            var manifest = FineTuningManifest.Of(recipe, folder.FullName, "base", hasRandomWeights: true, numSeeds: 1, sets);
            using var tuner = new FineTuner(FineTuningUnit.Of(recipe, 1)[0], sets, model, manifest, Path.Combine(folder.FullName, "run"), clock);
            var gemm = GemmRate.Measure(Hardware.TrainingPrecision);
            var result = tuner.Run(CancellationToken.None)!;                                 // never cancelled
            gemm = Math.Max(gemm, GemmRate.Measure(Hardware.TrainingPrecision));
            var timed = clock.Steps.Skip(warmup).ToList();
            return ResultOf(timed.Sum(step => step.Tokens), timed.Sum(step => step.Flops), timed.Sum(step => step.Seconds), gemm, $"{steps} steps of {batch}", result.Machine);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    static Result Predict(int count)
    {
        TorchLibrary.EnsureLoaded();
        var tokenizer = Tokenizer();
        var precision = Hardware.TrainingPrecision;
        var network = new PretrainedNetwork(Base(tokenizer), precision);
        network.Initialize(seed: 0);
        using var model = TaskModel.Of(network, tokenizer, Task, new TaskModelSettings(MaxLength));
        var examples = BundledSentences.Read(count).Select((text, i) => (TaskExample)new TextExample($"{i}", new SourceLine("bundled", i + 1), text)).ToList();
        var encoder = new TaskEncoder(Task, model.Labels, tokenizer, MaxLength);
        var rows = encoder.EncodeAll(examples);
        var flops = rows.Sum(row => ForwardFlops.Encoder(network.Config.Encoder, row.Length) + ForwardFlops.TaskHead(network.Config, row.Length));

        Run(examples.Take(200));
        var gemm = GemmRate.Measure(Hardware.TrainingPrecision);
        var started = Stopwatch.GetTimestamp();
        Run(examples);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        gemm = Math.Max(gemm, GemmRate.Measure(Hardware.TrainingPrecision));
        return ResultOf(rows.Sum(row => (double)row.Length), flops, seconds, gemm, $"{count:N0} sentences",
            $"{Hardware.Describe().Processor}, {torch.get_num_threads()} threads, {precision}, {(model.UsesKernels ? "explicit" : "plain")} kernels");

        void Run(IEnumerable<TaskExample> part)
        {
            var numPredicted = new TaskPredictor(model).Predict(part.Select(InputRow.Of)).Sum(window => window.Count);
            Debug.Assert(numPredicted > 0);
        }
    }

    /// <summary>ELECTRA-Base (Clark et al. 2020, table 6), two classes.</summary>
    static NetworkConfig Base(ITokenizer tokenizer) => new(
        Architecture.Named("ElectraForSequenceClassification"),
        new EncoderConfig(
            VocabSize: tokenizer.Vocabulary.Count, EmbeddingSize: 768, HiddenSize: 768, NumHiddenLayers: 12, NumAttentionHeads: 12, IntermediateSize: 3072,
            PadTokenId: tokenizer.SpecialTokens.Padding),
        Task.Labels!);                                                                       // the task above names them

    static ITokenizer Tokenizer()
    {
        using var dataset = BundledDataset.Open();
        return TokenizerDirectory.Load(dataset.TokenizerDirectory);
    }

    static Result ResultOf(double tokens, double flops, double seconds, double gemm, string work, string machine) =>
        new(tokens / seconds, gemm, flops / seconds / (gemm * 1e9), work, tokens, seconds, machine, Process.GetCurrentProcess().PeakWorkingSet64);

    static void Print(Result result, bool asJson) => Console.WriteLine(asJson
        ? JsonSerializer.Serialize(result, FineTunedBenchJson.Default.Result)
        : $"""
            {result.TokensPerSecond:N0} tokens/s ({result.Work}, {result.Tokens:N0} tokens in {result.Seconds:F1} s)
            utilisation {result.Utilisation:F3} of {result.GemmGflops:N0} GFLOP/s; {result.Machine}
            resident {result.ResidentBytes / 1e6:N0} MB
            """);

    /// <summary>Takes the time between consecutive steps: data, passes, optimizer and logging.</summary>
    sealed class StepClock : IProgress<FineTuningProgress>
    {
        long _last = Stopwatch.GetTimestamp();
        double _tokens, _flops;

        public List<(double Tokens, double Flops, double Seconds)> Steps { get; } = [];

        public void Report(FineTuningProgress value)
        {
            if (value.Metrics is not { } metrics) return;
            Steps.Add((metrics["tokens_seen"] - _tokens, metrics["flops"] - _flops, Stopwatch.GetElapsedTime(_last).TotalSeconds));
            (_tokens, _flops, _last) = (metrics["tokens_seen"], metrics["flops"], Stopwatch.GetTimestamp());
        }
    }

    /// <param name="GemmGflops">What the machine multiplies (docs/performance.md), measured before and after, the larger counted.</param>
    internal sealed record Result(double TokensPerSecond, double GemmGflops, double Utilisation, string Work, double Tokens, double Seconds, string Machine, long ResidentBytes);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(FineTunedBench.Result))]
sealed partial class FineTunedBenchJson : JsonSerializerContext;
