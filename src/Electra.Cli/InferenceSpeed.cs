using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Electra.Cli;

/// <summary>The speed of a model on bundled sentences, run by run.</summary>
sealed record InferenceSpeed : NetworkSpeed
{
    /// <summary>Sentences before the timed runs.</summary>
    const int NumWarmup = 200;

    InferenceSpeed(NetworkSpeed speed) : base(speed) { }

    /// <summary>Timed runs.</summary>
    public required int Runs { get; init; }

    /// <summary>Sentences of a run.</summary>
    public required int Sentences { get; init; }

    /// <summary>Their real tokens.</summary>
    public required long Tokens { get; init; }

    /// <summary>The command of such a benchmark.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">What is measured.</param>
    /// <param name="model">Whose sizes or weights are taken.</param>
    /// <param name="numSentences">In a run, where nothing else is said.</param>
    /// <param name="measure">Model, sentences, runs and machine to the result.</param>
    public static Command Command(string name, string description, Option<string?> model, int numSentences, Func<string?, int, int, MachineRate, InferenceSpeed> measure)
    {
        var sentences = new Option<int>("--sentences") { Description = "Sentences in a run.", DefaultValueFactory = _ => numSentences };
        var runs = new Option<int>("--runs") { Description = "Timed runs; the median counts.", DefaultValueFactory = _ => 5 };
        var gemmRate = MachineRate.Option();
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command(name, description) { model, sentences, runs, gemmRate, json };
        command.SetAction(parsed =>
        {
            var (numSentences, numRuns) = (parsed.GetValue(sentences), parsed.GetValue(runs));
            if (numRuns < 1 || numSentences < 1) throw new ArgumentException($"--runs {numRuns} --sentences {numSentences}: at least 1 of each is needed.");
            var speed = measure(parsed.GetValue(model), numSentences, numRuns, new MachineRate(parsed.GetValue(gemmRate)));
            Console.WriteLine(parsed.GetValue(json) ? JsonSerializer.Serialize(speed, InferenceSpeedJson.Default.InferenceSpeed) : speed.ToText());
        });
        return command;
    }

    /// <summary>Times runs over all items, after a few of them.</summary>
    /// <param name="items">What one run takes.</param>
    /// <param name="run">Applies the model to some of them.</param>
    /// <param name="tokens">Real tokens of all.</param>
    /// <param name="flops">Operations of all.</param>
    /// <param name="runs">How many are timed.</param>
    /// <param name="machine">What it is divided by.</param>
    /// <param name="machineName">What computes, and how.</param>
    public static InferenceSpeed Measure<T>(IReadOnlyList<T> items, Action<IReadOnlyList<T>> run, long tokens, double flops, int runs, MachineRate machine, string machineName)
    {
        machine.Measure();
        run([.. items.Take(NumWarmup)]);
        var timings = new Timing[runs];
        for (var i = 0; i < runs; i++)
        {
            var start = Stopwatch.GetTimestamp();
            run(items);
            timings[i] = new Timing(tokens, flops, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        machine.Measure();
        return new InferenceSpeed(Of(timings, machine.Gflops, machineName)) { Runs = runs, Sentences = items.Count, Tokens = tokens };
    }

    string ToText() => $"""
        {Rate($"{Runs} runs")}, {TokensPerSecond / Tokens * Sentences:N1} sentences/s
        {Sentences:N0} sentences of {(double)Tokens / Sentences:F1} tokens on average
        {UtilisationAndMemory}
        """;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(InferenceSpeed))]
sealed partial class InferenceSpeedJson : JsonSerializerContext;
