using Electra.Corpus;
using Electra.Tokenization;

namespace Electra.Cli;

/// <summary>The bundled text with a full-size vocabulary, made once and kept in the user's cache: what benchmarks read without <c>--data</c>.</summary>
static class BundledDataset
{
    const int VocabularySize = 30_522;

    /// <summary>Opens the dataset, making it first where it is missing or was left incomplete.</summary>
    public static TokenizedDataset Open()
    {
        var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } given
            ? given
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        var folder = Path.Combine(cache, "electra-dotnet", $"bundled-{VocabularySize}-{typeof(BundledDataset).Assembly.GetName().Version}");
        var (tokenizerPath, dataset) = (Path.Combine(folder, "tokenizer"), Path.Combine(folder, "dataset"));
        if (!Directory.Exists(dataset))
        {
            Console.Error.WriteLine($"making the benchmark's dataset once, in {folder}");
            var tokenizer = WordPieceTrainer.Train(
                TextInput.ReadLines([BundledFiles.Corpus], new ReadingReport()), new WordPieceConfig(), new VocabularyTrainingConfig(VocabularySize));
            tokenizer.Save(tokenizerPath);
            new TokenizedDatasetBuilder(tokenizer, new DatasetOptions()).Build([BundledFiles.Corpus], dataset);
        }
        return TokenizedDataset.Open(dataset);
    }
}
