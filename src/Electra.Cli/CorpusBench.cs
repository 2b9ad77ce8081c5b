using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using Electra.Corpus;
using Electra.Tokenization;

namespace Electra.Cli;

/// <summary>electra bench corpus: text to a dataset on disk, as <c>corpus build</c> does it.</summary>
static class CorpusBench
{
    public static Command Create()
    {
        var data = new Option<string[]>("--data") { Required = true, AllowMultipleArgumentsPerToken = true, Description = "Files, folders or globs." };
        var tokenizer = new Option<string>("--tokenizer") { Required = true, Description = "Tokenizer directory." };
        var sentences = CorpusCommand.SentencesOption();
        var workers = new Option<int>("--workers") { Description = "Threads that tokenise; 0 takes one per core." };
        var runs = new Option<int>("--runs") { Description = "Timed runs; the median counts.", DefaultValueFactory = _ => 5 };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("corpus", "Megabytes of text per second from files to a dataset on disk.") { data, tokenizer, sentences, workers, runs, json };
        command.SetAction(parsed => Run(
            parsed.GetRequiredValue(data), parsed.GetRequiredValue(tokenizer),
            new DatasetOptions(Sentences: CorpusCommand.ParseSentences(parsed.GetRequiredValue(sentences)), NumWorkers: parsed.GetValue(workers)), parsed.GetValue(runs), parsed.GetValue(json)));
        return command;
    }

    static void Run(string[] data, string directory, DatasetOptions options, int runs, bool asJson)
    {
        if (runs < 1) throw new ArgumentException($"--runs is {runs}; at least 1 is needed.");
        using var interruption = new Interruption(BenchFolder.Announcement);
        var builder = new TokenizedDatasetBuilder(TokenizerDirectory.Load(directory), options);
        var rates = new double[runs];
        var manifest = Build(builder, data, interruption.Token); // compiles the code and fills the system's file cache
        for (var run = 0; run < runs; run++)
        {
            var start = Stopwatch.GetTimestamp();
            Build(builder, data, interruption.Token);
            rates[run] = manifest.Reading.TextBytes / 1e6 / Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
        var (median, lowest, highest) = Spread.Of(rates);
        var tokens = manifest.Training.Tokens + manifest.Validation.Tokens;
        var result = new Result(
            manifest.Reading.TextBytes, tokens, options.NumWorkers > 0 ? options.NumWorkers : Environment.ProcessorCount,
            median, lowest, highest, median * 1e6 * tokens / manifest.Reading.TextBytes, runs, Process.GetCurrentProcess().PeakWorkingSet64);
        Console.WriteLine(asJson
            ? JsonSerializer.Serialize(result, CorpusBenchJson.Default.Result)
            : $"{result.MegabytesPerSecond:F1} MB/s of text ({result.Lowest:F1} to {result.Highest:F1}, median of {runs}), {result.TokensPerSecond / 1e6:F1} M tokens/s, {result.Workers} workers, peak {result.PeakResidentBytes / 1e6:F0} MB");
    }

    static DatasetManifest Build(TokenizedDatasetBuilder builder, string[] data, CancellationToken cancellation)
    {
        using var folder = new BenchFolder();
        return builder.Build(data, folder["dataset"], cancellation: cancellation);
    }

    /// <param name="MegabytesPerSecond">Millions of bytes of text after decompression, median.</param>
    internal sealed record Result(
        long TextBytes, long Tokens, int Workers, double MegabytesPerSecond, double Lowest, double Highest, double TokensPerSecond, int Runs, long PeakResidentBytes);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(CorpusBench.Result))]
sealed partial class CorpusBenchJson : JsonSerializerContext;
