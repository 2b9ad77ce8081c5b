using Electra.Checkpoints;
using Electra.FineTuning;
using Electra.FineTuning.Tasks;
using Electra.Model;
using Electra.Tests.Evaluation;
using Electra.Tokenization;
using Electra.Training;

namespace Electra.Tests.FineTuning;

/// <summary>A pretrained-looking encoder of two layers with random weights, tasks on invented rows, and a recipe that learns them in a moment.</summary>
public sealed class TinyEncoder : IDisposable
{
    static readonly string[] Words = "good bad fine poor the film was a very is what where it cat dog my friend this one river her song ann lee saw rome bob in we think".Split(' ');

    readonly TemporaryFolder _folder = new();

    public TinyEncoder()
    {
        var vocabulary = new Vocabulary([.. SpecialTokenNames.Bert.All, .. Words, .. Enumerable.Range(0, 26).SelectMany(i => new[] { $"{(char)('a' + i)}", $"##{(char)('a' + i)}" }).Except(Words), "?", "."]);
        var tokenizer = new WordPieceTokenizer(vocabulary, new WordPieceConfig(), SpecialTokenNames.Bert);
        var encoder = new EncoderConfig(
            VocabSize: vocabulary.Count, EmbeddingSize: 16, HiddenSize: 32, NumHiddenLayers: 2, NumAttentionHeads: 2, IntermediateSize: 64, MaxPositionEmbeddings: 64,
            InitializerRange: 0.1, PadTokenId: tokenizer.SpecialTokens.Padding);
        using var network = new PretrainedNetwork(new NetworkConfig(Architecture.Named("ElectraForPreTraining"), encoder));
        network.Initialize(seed: 5);
        ModelDirectory.Save(ModelPath, new HuggingFaceConfig(network.Config), network.Parameters, tokenizer);
    }

    public string ModelPath => _folder["encoder"];

    public string this[string name] => _folder[name];

    /// <summary>Trains quickly and without surprises: no dropout, one rate for all layers.</summary>
    public static FineTuningRecipe Recipe(params string[] overrides) => RecipeFile.Parse("""
        {
          "task": "none",
          "batch": { "size": 8, "max_length": 32, "micro_batch": 32 },
          "optimizer": { "weight_decay": 0 },
          "schedule": { "peak": 3e-3 },
          "layerwise_decay": { "decay": 1 },
          "head": { "dropout": 0, "encoder_dropout": 0 },
          "precision": "float32",
          "run": { "steps": 20, "seed": 3, "save_every": 6, "evaluate_every": 10, "log_every": 1 },
        }
        """, "recipe", FineTuningJson.Default.FineTuningRecipe, overrides);

    /// <summary>Reads a task of which the folder holds the files.</summary>
    public TaskSets Sets(TaskDefinition task, string folder, int maxLength = 32) =>
        TaskSets.Load(task, folder, InitialEncoder.Open(ModelPath).Tokenizer, maxLength, _ => { });

    /// <summary>A task of two classes: films that are good or fine, and films that are bad or poor.</summary>
    /// <param name="folder">Where train.tsv and dev.tsv are written.</param>
    public static TaskDefinition Films(string folder, int numRows = 40)
    {
        Directory.CreateDirectory(folder);
        foreach (var (name, count) in new[] { ("train", numRows), ("dev", 12) })
            File.WriteAllLines(Path.Combine(folder, $"{name}.tsv"), ["text\tlabel", .. Enumerable.Range(0, count).Select(Film)]);
        return RecipeFile.Parse("""
            { "name": "films", "kind": "classification", "format": { "type": "tsv" }, "columns": { "text": "text", "label": "label" },
              "splits": { "train": { "file": "train.tsv" }, "dev": { "file": "dev.tsv" } }, "labels": ["no", "yes"], "metrics": ["accuracy", "mcc"] }
            """, "films", TaskJson.Default.TaskDefinition);

        static string Film(int row) => $"the film was {string.Concat(Enumerable.Repeat("very ", row % 3))}{new[] { "good", "bad", "fine", "poor" }[row % 4]}\t{(row % 2 == 0 ? "yes" : "no")}";
    }

    /// <summary>Runs a recipe in a new folder.</summary>
    public FineTuningResult Train(TaskSets sets, string name, params string[] overrides)
    {
        using var tuner = Tuner(sets, name, new Quiet(), overrides);
        return tuner.Run(CancellationToken.None)!;
    }

    public FineTuner Tuner(TaskSets sets, string name, IProgress<FineTuningProgress> progress, params string[] overrides)
    {
        var recipe = Recipe(overrides);
        var manifest = FineTuningManifest.Of(recipe, "data", ModelPath, hasRandomWeights: false, numSeeds: 1, sets);
        return new FineTuner(FineTuningUnit.Of(recipe, 1)[0], sets, InitialEncoder.Open(ModelPath), manifest, this[name], progress);
    }

    /// <summary>Runs all that a recipe asks for in a new folder, or what is left of it in one that is there.</summary>
    public FineTuningSummary Sweep(TaskSets sets, string name, Action<FineTuningResult> finished, params string[] overrides)
    {
        var recipe = Recipe(overrides);
        var run = Directory.Exists(this[name])
            ? FineTuningRun.Open(this[name])
            : FineTuningRun.Create(this[name], recipe, FineTuningManifest.Of(recipe, "data", ModelPath, hasRandomWeights: false, numSeeds: 1, sets), sets.Task);
        return FineTuningSweep.Run(run, sets, InitialEncoder.Open(ModelPath), new Quiet(), finished, CancellationToken.None)!;
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Keeps what a run tells.</summary>
    public sealed class Quiet : IProgress<FineTuningProgress>
    {
        public List<string> Messages { get; } = [];

        public List<IReadOnlyDictionary<string, double>> Evaluations { get; } = [];

        public Action<FineTuningProgress> OnReport { get; init; } = _ => { };

        public void Report(FineTuningProgress value)
        {
            if (value.Message is { } message) Messages.Add(message);
            if (value is { IsEvaluation: true, Metrics: { } metrics }) Evaluations.Add(metrics);
            OnReport(value);
        }
    }
}
