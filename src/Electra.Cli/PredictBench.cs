using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using Electra.FineTuning;
using Electra.FineTuning.Tasks;
using Electra.Model;
using Electra.Numerics;

namespace Electra.Cli;

/// <summary><c>electra bench predict</c>: what <c>predict</c> does, timed from text to classes.</summary>
static class PredictBench
{
    /// <summary>Sentences before the timed runs.</summary>
    const int NumWarmup = 200;

    public static Command Create()
    {
        var model = BenchedClassifier.ModelOption();
        var sentences = new Option<int>("--sentences") { Description = "Sentences in a run.", DefaultValueFactory = _ => 500 };
        var runs = new Option<int>("--runs") { Description = "Timed runs; the median counts.", DefaultValueFactory = _ => 5 };
        var gemmRate = MachineRate.Option();
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("predict", "Tokens per second and utilisation of prediction, at base size unless a model is given.") { model, sentences, runs, gemmRate, json };
        command.SetAction(parsed =>
        {
            var result = Run(parsed.GetValue(model), parsed.GetValue(sentences), parsed.GetValue(runs), new MachineRate(parsed.GetValue(gemmRate)));
            Console.WriteLine(parsed.GetValue(json)
                ? JsonSerializer.Serialize(result, PredictBenchJson.Default.Result)
                : $"""
                    {result.TokensPerSecond:N0} tokens/s ({result.Lowest:N0} to {result.Highest:N0}, median of {result.Runs} runs), {result.TokensPerSecond / result.Tokens * result.Sentences:N1} sentences/s
                    {result.Sentences:N0} sentences of {(double)result.Tokens / result.Sentences:F1} tokens on average
                    utilisation {result.Utilisation:F3} ({result.LowestUtilisation:F3} to {result.HighestUtilisation:F3}) of {result.GemmGflops:N0} GFLOP/s; {result.Machine}
                    resident {result.ResidentBytes / 1e6:N0} MB
                    """);
        });
        return command;
    }

    static Result Run(string? directory, int numSentences, int runs, MachineRate machine)
    {
        if (runs < 1 || numSentences < 1) throw new ArgumentException($"--runs {runs} --sentences {numSentences}: at least 1 of each is needed.");
        TorchLibrary.EnsureLoaded();
        var (config, tokenizer, maxLength) = BenchedClassifier.Of(directory);
        var precision = Hardware.TrainingPrecision;
        var network = new PretrainedNetwork(config, precision, ComputeDevice.InUse);
        network.Initialize(seed: 0);
        using var model = TaskModel.Of(network, tokenizer, BenchedClassifier.Task, new TaskModelSettings(maxLength));
        var examples = BundledSentences.Read(numSentences).Select((text, i) => (TaskExample)new TextExample($"{i}", new SourceLine("bundled", i + 1), text)).ToList();
        var rows = new TaskEncoder(BenchedClassifier.Task, model.Labels, tokenizer, maxLength).EncodeAll(examples);
        var tokens = rows.Sum(row => (long)row.Length);
        var flops = rows.Sum(row => ForwardFlops.Encoder(config.Encoder, row.Length) + ForwardFlops.TaskHead(config, row.Length));

        machine.Measure();
        Predict(examples.Take(NumWarmup));
        var rates = new double[runs];                                                        // runs a second
        for (var run = 0; run < runs; run++)
        {
            var start = Stopwatch.GetTimestamp();
            Predict(examples);
            rates[run] = 1 / Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
        machine.Measure();

        var (median, lowest, highest) = Spread.Of(rates);
        double Utilisation(double rate) => flops * rate / (machine.Gflops * 1e9);
        return new Result(
            numSentences, tokens, tokens * median, tokens * lowest, tokens * highest, machine.Gflops,
            Utilisation(median), Utilisation(lowest), Utilisation(highest), runs, ComputeDevice.Describe(precision, model.UsesKernels),
            Process.GetCurrentProcess().PeakWorkingSet64);

        void Predict(IEnumerable<TaskExample> part)
        {
            var numPredicted = new TaskPredictor(model).Predict(part.Select(InputRow.Of)).Sum(window => window.Count);
            Debug.Assert(numPredicted > 0);
        }
    }

    /// <param name="GemmGflops">What the machine multiplies (docs/performance.md), measured before and after, the larger counted.</param>
    internal sealed record Result(
        int Sentences, long Tokens, double TokensPerSecond, double Lowest, double Highest, double GemmGflops,
        double Utilisation, double LowestUtilisation, double HighestUtilisation, int Runs, string Machine, long ResidentBytes);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(PredictBench.Result))]
sealed partial class PredictBenchJson : JsonSerializerContext;
