using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using Electra.Tokenization;

namespace Electra.Cli;

/// <summary>electra bench tokenize: tokens per second on one core and on all.</summary>
static class TokenizeBench
{
    /// <summary>The runtime compiles a method in haste first, and well when it has run for a while.</summary>
    const double WarmUpSeconds = 1;

    public static Command Create()
    {
        var data = new Option<FileInfo>("--data") { Description = "Text to tokenise, .txt or .txt.gz.", Required = true };
        var tokenizer = new Option<string>("--tokenizer") { Description = "Tokenizer directory.", Required = true };
        var runs = new Option<int>("--runs") { Description = "Timed runs; the median counts.", DefaultValueFactory = _ => 7 };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("tokenize", "Tokens per second of a tokenizer on one core and on all.") { data, tokenizer, runs, json };
        command.SetAction(arguments => Run(
            arguments.GetRequiredValue(data).FullName, arguments.GetRequiredValue(tokenizer), arguments.GetValue(runs), arguments.GetValue(json)));
        return command;
    }

    static int Run(string data, string directory, int runs, bool asJson)
    {
        if (runs < 1) throw new ArgumentException($"--runs is {runs}; at least 1 is needed.");
        var tokenizer = TokenizerDirectory.Load(directory);
        var lines = TextLines.Read(data).Select(line => line.ToArray()).ToArray();
        var bytes = lines.Sum(line => (long)line.Length);
        if (bytes == 0) throw new InvalidDataException($"{data}: no text to tokenise.");

        var cores = Environment.ProcessorCount;
        var result = new Result(
            data, directory, bytes, CountTokens(tokenizer, lines, cores: 1),
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
        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start).TotalSeconds < WarmUpSeconds;) CountTokens(tokenizer, lines, cores);
        var rates = new double[runs];
        var tokens = 0L;
        for (var run = 0; run < runs; run++)
        {
            var start = Stopwatch.GetTimestamp();
            tokens = CountTokens(tokenizer, lines, cores);
            rates[run] = tokens / Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
        Array.Sort(rates);
        var median = (rates[(runs - 1) / 2] + rates[runs / 2]) / 2;
        return new Rate(cores, median, rates[0], rates[^1], median / tokens * bytes, runs);
    }

    /// <summary>Tokenises all lines, each core taking runs of neighbouring lines in turn, and returns the number of tokens.</summary>
    static long CountTokens(ITokenizer tokenizer, byte[][] lines, int cores)
    {
        if (cores == 1) return CountRange(tokenizer, lines, new TokenBuffer());
        var (total, next) = (0L, 0);
        var threads = Enumerable.Range(0, cores).Select(_ => new Thread(Work)).ToArray();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        return total;

        void Work()
        {
            const int LinesPerTurn = 256;
            var (count, ids) = (0L, new TokenBuffer());
            while (Interlocked.Add(ref next, LinesPerTurn) - LinesPerTurn is var first && first < lines.Length)
                count += CountRange(tokenizer, lines.AsSpan(first, Math.Min(LinesPerTurn, lines.Length - first)), ids);
            Interlocked.Add(ref total, count);
        }
    }

    static long CountRange(ITokenizer tokenizer, ReadOnlySpan<byte[]> lines, TokenBuffer ids)
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
