using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using Electra.Corpus;
using Electra.Tokenization;

namespace Electra.Cli;

/// <summary>electra bench tokenize: tokens per second on one core and on all.</summary>
static class TokenizeBench
{
    /// <summary>The runtime compiles a method in haste first, and well when it has run for a while.</summary>
    const double WarmUpSeconds = 1;

    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = "Text to tokenise: a file, a folder or a glob of .txt, .jsonl or .parquet, each plain, .gz or .zst.", Required = true };
        var tokenizer = new Option<string>("--tokenizer") { Description = "Tokenizer directory.", Required = true };
        var runs = new Option<int>("--runs") { Description = "Timed runs; the median counts.", DefaultValueFactory = _ => 7 };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("tokenize", "Tokens per second of a tokenizer on one core and on all.") { data, tokenizer, runs, json };
        command.SetAction(arguments => Run(
            arguments.GetRequiredValue(data), arguments.GetRequiredValue(tokenizer), arguments.GetValue(runs), arguments.GetValue(json)));
        return command;
    }

    static int Run(string data, string directory, int runs, bool asJson)
    {
        if (runs < 1) throw new ArgumentException($"--runs is {runs}; at least 1 is needed.");
        var tokenizer = TokenizerDirectory.Load(directory);
        var lines = TextInput.ReadLines([data], new ReadingReport()).Select(line => line.ToArray()).ToArray();
        var bytes = lines.Sum(line => (long)line.Length);
        if (bytes == 0) throw new InvalidDataException($"{data}: no text to tokenise.");

        var cores = Environment.ProcessorCount;
        var result = new Result(
            data, directory, bytes, CountTokens(tokenizer, lines, new TokenBuffer()),
            Measure(tokenizer, lines, bytes, cores: 1, runs),
            Measure(tokenizer, lines, bytes, cores, runs));
        if (asJson)
        {
            Console.WriteLine(JsonSerializer.Serialize(result, TokenizeBenchJson.Default.Result));
            return ExitCodes.Success;
        }
        Console.WriteLine($"{result.Bytes / 1e6:F1} MB, {result.Tokens:N0} tokens; median of {runs} runs");
        foreach (var rate in (Rate[])[result.OneCore, result.AllCores])
            Console.WriteLine(
                $"{rate.Cores} core{(rate.Cores == 1 ? " " : "s")}  {rate.TokensPerSecond / 1e6,6:F2} M tokens/s "
                + $"({rate.Lowest / 1e6:F2} to {rate.Highest / 1e6:F2})  {rate.BytesPerSecond / 1e6,6:F1} MB/s");
        return ExitCodes.Success;
    }

    static Rate Measure(ITokenizer tokenizer, byte[][] lines, long bytes, int cores, int runs)
    {
        var (tokens, next, isOver) = (0L, 0, false);
        using var turn = new Barrier(cores + 1);
        var threads = Enumerable.Range(0, cores).Select(_ => new Thread(Work)).ToArray();
        foreach (var thread in threads) thread.Start();

        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start).TotalSeconds < WarmUpSeconds;) SecondsOfRun();
        var rates = new double[runs];
        for (var run = 0; run < runs; run++) rates[run] = 1 / SecondsOfRun();
        isOver = true;
        turn.SignalAndWait();
        foreach (var thread in threads) thread.Join();

        var (median, lowest, highest) = Spread.Of(rates);
        return new Rate(cores, median * tokens, lowest * tokens, highest * tokens, median * bytes, runs);

        double SecondsOfRun()
        {
            (tokens, next) = (0, 0);
            var start = Stopwatch.GetTimestamp();
            turn.SignalAndWait();
            turn.SignalAndWait();
            return Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        // Each core takes runs of neighbouring lines in turn.
        void Work()
        {
            const int LinesPerTurn = 64;
            var ids = new TokenBuffer();
            while (true)
            {
                turn.SignalAndWait();
                if (isOver) return;
                var count = 0L;
                while (Interlocked.Add(ref next, LinesPerTurn) - LinesPerTurn is var first && first < lines.Length)
                    count += CountTokens(tokenizer, lines.AsSpan(first, Math.Min(LinesPerTurn, lines.Length - first)), ids);
                Interlocked.Add(ref tokens, count);
                turn.SignalAndWait();
            }
        }
    }

    static long CountTokens(ITokenizer tokenizer, ReadOnlySpan<byte[]> lines, TokenBuffer ids)
    {
        long count = 0;
        foreach (var line in lines)
        {
            ids.Clear();
            tokenizer.Encode(line.AsSpan(), ids);
            count += ids.Count;
        }
        return count;
    }

    /// <param name="TokensPerSecond">Median.</param>
    internal sealed record Rate(int Cores, double TokensPerSecond, double Lowest, double Highest, double BytesPerSecond, int Runs);

    internal sealed record Result(string Data, string Tokenizer, long Bytes, long Tokens, Rate OneCore, Rate AllCores)
    {
        /// <summary>On one core.</summary>
        public double TokensPerSecond => OneCore.TokensPerSecond;

        /// <summary>On one core.</summary>
        public double BytesPerSecond => OneCore.BytesPerSecond;
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(TokenizeBench.Result))]
sealed partial class TokenizeBenchJson : JsonSerializerContext;
