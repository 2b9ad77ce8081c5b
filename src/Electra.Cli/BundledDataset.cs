using System.Text;
using Electra.Corpus;
using Electra.Randomness;
using Electra.Tokenization;

namespace Electra.Cli;

/// <summary>The bundled text with a full-size vocabulary, made once and kept in the user's cache: what benchmarks read without <c>--data</c>.</summary>
static class BundledDataset
{
    const int VocabularySize = 30_522;
    const ulong Seed = 0;

    /// <summary>Opens the dataset, making it first where it is missing or was left incomplete.</summary>
    public static TokenizedDataset Open()
    {
        var (tokenizerPath, dataset) = (InCache("tokenizer"), InCache("dataset"));
        if (!Directory.Exists(dataset))
        {
            Console.Error.WriteLine($"making the benchmark's dataset once, in {dataset}");
            var tokenizer = WordPieceTrainer.Train(
                TextInput.ReadLines([BundledFiles.Corpus], new ReadingReport()), new WordPieceConfig(), new VocabularyTrainingConfig(VocabularySize));
            tokenizer.Save(tokenizerPath);
            new TokenizedDatasetBuilder(tokenizer, new DatasetOptions()).Build([BundledFiles.Corpus], dataset);
        }
        return TokenizedDataset.Open(dataset);
    }

    /// <summary>The same text in short documents, from a third of <paramref name="length"/> tokens to all of it: a third of a batch's rows is padding.</summary>
    public static TokenizedDataset OpenPadded(int length)
    {
        var dataset = InCache($"dataset-padded-{length}");
        if (!Directory.Exists(dataset))
        {
            using var whole = Open();
            var tokenizer = TokenizerDirectory.Load(whole.TokenizerDirectory);
            using var folder = new BenchFolder();
            WriteShortDocuments(tokenizer, length, folder["short.txt"]);
            new TokenizedDatasetBuilder(tokenizer, new DatasetOptions()).Build([folder["short.txt"]], dataset);
        }
        return TokenizedDataset.Open(dataset);
    }

    static void WriteShortDocuments(ITokenizer tokenizer, int length, string path)
    {
        using var writer = new StreamWriter(path);
        var (random, buffer, tokens) = (new CounterRandom(Seed, RandomPurpose.Cutting, 0), new TokenBuffer(), 0);
        var target = NextLength();
        foreach (var line in TextInput.ReadLines([BundledFiles.Corpus], new ReadingReport()))
        {
            foreach (var word in Encoding.UTF8.GetString(line.Span).Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                buffer.Truncate(0);
                tokenizer.Encode(word.AsSpan(), buffer);
                if (tokens + buffer.Count > target)
                {
                    writer.Write("\n\n");
                    (tokens, target) = (0, NextLength());
                }
                writer.Write(tokens == 0 ? word : $" {word}");
                tokens += buffer.Count;
            }
        }

        // [CLS] and two [SEP] come on top.
        int NextLength() => length / 3 + random.NextInt32(length - length / 3 - 2);
    }

    static string InCache(string name)
    {
        var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } given
            ? given
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        return Path.Combine(cache, "electra-dotnet", $"bundled-{VocabularySize}-{typeof(BundledDataset).Assembly.GetName().Version}", name);
    }
}
