using System.CommandLine;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Electra.Corpus;
using Electra.Inference;
using Electra.Model;
using Electra.Numerics;
using Electra.Randomness;
using Electra.Tokenization;

namespace Electra.Cli;

/// <summary>
/// <c>electra bench embed</c>: what <c>embed</c> does, timed from text to vectors. Without a model: random weights of base size, which take
/// as long as trained ones, and bundled sentences at their natural lengths.
/// </summary>
static class EmbedBench
{
    const int LongestSentence = 128;
    const ulong Seed = 0;

    public static Command Create()
    {
        var model = new Option<string?>("--model") { Description = "A model directory; random weights of base size by default." };
        var sentences = new Option<int>("--sentences") { Description = "Sentences in a run.", DefaultValueFactory = _ => 2000 };
        var runs = new Option<int>("--runs") { Description = "Timed runs; the median counts.", DefaultValueFactory = _ => 5 };
        var gemmRate = MachineRate.Option();
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("embed", "Tokens per second and utilisation of inference.") { model, sentences, runs, gemmRate, json };
        command.SetAction(parsed =>
        {
            var result = Run(parsed.GetValue(model), parsed.GetValue(sentences), parsed.GetValue(runs), new MachineRate(parsed.GetValue(gemmRate)));
            Console.WriteLine(parsed.GetValue(json)
                ? JsonSerializer.Serialize(result, EmbedBenchJson.Default.Result)
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
        var precision = Hardware.TrainingPrecision;
        using var embedder = directory is null ? RandomBase(precision) : TextEmbedder.Load(directory, precision: precision);
        var (texts, lengths) = Sentences(embedder, numSentences);
        var flops = lengths.Sum(length => ForwardFlops.Encoder(embedder.Config, length));
        var tokens = lengths.Sum(length => (long)length);

        machine.Measure();
        embedder.Embed([.. texts.Take(200)]);
        var rates = new double[runs];                                                        // runs a second
        for (var run = 0; run < runs; run++)
        {
            var start = Stopwatch.GetTimestamp();
            embedder.Embed(texts);
            rates[run] = 1 / Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
        machine.Measure();

        var (median, lowest, highest) = Spread.Of(rates);
        double Utilisation(double rate) => flops * rate / (machine.Gflops * 1e9);
        return new Result(
            texts.Count, tokens, tokens * median, tokens * lowest, tokens * highest, machine.Gflops,
            Utilisation(median), Utilisation(lowest), Utilisation(highest), runs, ComputeDevice.Describe(precision, embedder.UsesKernels),
            Process.GetCurrentProcess().PeakWorkingSet64);
    }

    static TextEmbedder RandomBase(Precision precision)
    {
        using var dataset = BundledDataset.Open();
        var tokenizer = TokenizerDirectory.Load(dataset.TokenizerDirectory);
        var config = new EncoderConfig(
            VocabSize: tokenizer.Vocabulary.Count, EmbeddingSize: 768, HiddenSize: 768, NumHiddenLayers: 12, NumAttentionHeads: 12, IntermediateSize: 3072);
        var network = new PretrainedNetwork(new NetworkConfig(Architecture.Named("ElectraModel"), config), precision, ComputeDevice.InUse);
        network.Initialize(Seed);
        return new TextEmbedder(network, tokenizer);
    }

    /// <summary>Bundled sentences in a random order, and how many tokens each is.</summary>
    static (List<string> Texts, List<int> Lengths) Sentences(TextEmbedder embedder, int count)
    {
        var all = TextInput.ReadLines([BundledFiles.Corpus], new ReadingReport()).SelectMany(line => Split(line.Span)).ToList();
        var (order, texts, lengths) = (new KeyedPermutation(all.Count, Seed, 0), new List<string>(), new List<int>());
        for (var i = 0L; i < all.Count && texts.Count < count; i++)
        {
            var text = all[(int)order[i]];
            if (embedder.CountTokens(text) is var length && length > LongestSentence) continue;
            texts.Add(text);
            lengths.Add(length);
        }
        return texts.Count == count ? (texts, lengths) : throw new ArgumentException($"--sentences {count}: the bundled text has {texts.Count:N0} of at most {LongestSentence} tokens.");

        static List<string> Split(ReadOnlySpan<byte> line)
        {
            var sentences = new List<string>();
            while (line.Length > 0)
            {
                var end = SentenceSplitter.FirstSentence(line);
                if (Encoding.UTF8.GetString(line[..end]).Trim() is { Length: > 0 } sentence) sentences.Add(sentence);
                line = line[end..];
            }
            return sentences;
        }
    }

    /// <param name="GemmGflops">What the machine multiplies (docs/performance.md), measured before and after, the larger counted.</param>
    internal sealed record Result(
        int Sentences, long Tokens, double TokensPerSecond, double Lowest, double Highest, double GemmGflops,
        double Utilisation, double LowestUtilisation, double HighestUtilisation, int Runs, string Machine, long ResidentBytes);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(EmbedBench.Result))]
sealed partial class EmbedBenchJson : JsonSerializerContext;
