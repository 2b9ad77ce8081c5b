using System.IO.Compression;
using Electra.Cli;
using Electra.Corpus;
using Electra.Tokenization;

namespace Electra.Tests.Pretraining;

/// <summary>A dataset of some bundled passages and a recipe that trains on it in seconds; made once for a test class.</summary>
public sealed class TinyDataset : IDisposable
{
    const int NumCharacters = 150_000;

    public TinyDataset()
    {
        Folder = Directory.CreateTempSubdirectory("electra-tiny-").FullName;
        var text = Path.Combine(Folder, "text.txt");
        using (var reader = new StreamReader(new GZipStream(File.OpenRead(BundledFiles.Corpus), CompressionMode.Decompress)))
        {
            var characters = new char[NumCharacters];
            reader.ReadBlock(characters);
            File.WriteAllText(text, new string(characters));
        }
        var tokenizer = WordPieceTrainer.Train(TextInput.ReadLines([text], new ReadingReport()), new WordPieceConfig(), new VocabularyTrainingConfig(600));
        tokenizer.Save(Path.Combine(Folder, "tokenizer"));
        new TokenizedDatasetBuilder(tokenizer, new DatasetOptions(0.1)).Build([text], Path.Combine(Folder, "dataset"));
        File.WriteAllText(RecipePath, """
            {
              "model": {
                "embedding_size": 16, "hidden_size": 32, "num_layers": 2, "num_attention_heads": 2, "intermediate_size": 64, "max_position_embeddings": 64,
                "generator": { "hidden_size": 16, "num_layers": 1, "num_attention_heads": 1, "intermediate_size": 32 },
              },
              "objective": { "masking": {} },
              "batch": { "size": 8, "length": 32, "micro_batch": 4 },
              "optimizer": {},
              "schedule": { "peak": 1e-3, "warmup_steps": 5 },
              "precision": "float32",
              "run": { "steps": 30, "seed": 7, "save_every": 4, "keep_checkpoints": 2, "log_every": 3, "evaluate_every": 10, "evaluation_tokens": 500 },
            }
            """);
    }

    public string Folder { get; }

    public string DatasetPath => Path.Combine(Folder, "dataset");

    /// <summary>The same text by byte-level BPE, made when first asked for.</summary>
    public string BytePairDatasetPath
    {
        get
        {
            var path = Path.Combine(Folder, "bpe-dataset");
            if (Directory.Exists(path)) return path;
            var text = Path.Combine(Folder, "text.txt");
            var tokenizer = ByteLevelBpeTrainer.Train(TextInput.ReadLines([text], new ReadingReport()), new ByteLevelBpeConfig(), new VocabularyTrainingConfig(700));
            new TokenizedDatasetBuilder(tokenizer, new DatasetOptions(0.1)).Build([text], path);
            return path;
        }
    }

    public string RecipePath => Path.Combine(Folder, "recipe.json");

    public string this[string name] => Path.Combine(Folder, name);

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
