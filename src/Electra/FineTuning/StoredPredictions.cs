using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using Electra.Checkpoints;
using Electra.Files;
using Electra.FineTuning.Tasks;

namespace Electra.FineTuning;

/// <summary>
/// The predictions that a finished run keeps beside its model, found again where model and examples are still the same: <c>predictions/</c>
/// with a <c>manifest.json</c> of hashes.
/// </summary>
static class StoredPredictions
{
    const string Folder = "predictions", ManifestFile = "manifest.json";

    /// <summary>What the files were made of.</summary>
    /// <param name="Model">Hash of the model's directory.</param>
    /// <param name="Sets">Hash of each set's examples.</param>
    public sealed record Manifest(string Model, IReadOnlyDictionary<string, string> Sets);

    /// <summary>The folder beside a model's.</summary>
    public static string FolderOf(string model) => Path.Combine(Path.GetDirectoryName(Path.GetFullPath(model))!, Folder); // a model lies in a folder

    /// <summary>Says what the predictions that are there were made of.</summary>
    /// <param name="model">The model's directory, written before.</param>
    /// <param name="sets">The sets that were predicted.</param>
    public static void WriteManifest(string model, IReadOnlyList<TaskSet> sets)
    {
        if (sets.Count == 0) return;
        var manifest = new Manifest(HashOf(model), sets.ToDictionary(set => set.Name, set => HashOf(set.Dataset)));
        AtomicFile.WriteText(Path.Combine(FolderOf(model), ManifestFile), JsonSerializer.Serialize(manifest, FineTuningRunJson.Default.Manifest) + "\n");
    }

    /// <summary>The predictions of a set, in its order; null where there are none, or model or examples have changed since.</summary>
    /// <param name="model">The model's directory.</param>
    /// <param name="set">The set, with labels.</param>
    public static IReadOnlyList<TaskPrediction>? Find(string model, TaskSet set)
    {
        var (manifest, file) = (Path.Combine(FolderOf(model), ManifestFile), Path.Combine(FolderOf(model), $"{set.Name}.jsonl"));
        if (!File.Exists(manifest) || !File.Exists(file)) return null;
        try
        {
            if (JsonSerializer.Deserialize(File.ReadAllBytes(manifest), FineTuningRunJson.Default.Manifest) is not { } known
                || known.Sets.GetValueOrDefault(set.Name) != HashOf(set.Dataset) || known.Model != HashOf(model)) return null;
            List<TaskPrediction> predictions = [.. File.ReadLines(file).Select(line => PredictionOf(JsonElement.Parse(line), set.Dataset))];
            return predictions.Select(prediction => prediction.Id).SequenceEqual(set.Dataset.Examples.Select(example => example.Id)) ? predictions : null;
        }
        // Whatever is wrong with the files, the model is there to be asked again.
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    static TaskPrediction PredictionOf(JsonElement row, TaskDataset dataset)
    {
        var id = row.GetProperty("id").GetString() ?? "";
        return dataset.Task.Kind switch
        {
            TaskKind.Regression => new ValuePrediction(id, Number(row.GetProperty("value"))),
            TaskKind.MultiLabel => new LabelSetPrediction(id, Probabilities(row, dataset)),
            TaskKind.Tagging => Tags(id, [.. row.GetProperty("tags").EnumerateArray().Select(tag => tag.GetString() ?? "")]),
            TaskKind.QuestionAnswering => new AnswerPrediction(id, row.GetProperty("answer").GetString() ?? "", Number(row.GetProperty("null_score")), []),
            _ => new ClassPrediction(id, IndexOf(dataset.Labels, row.GetProperty("label").GetString()), Probabilities(row, dataset)),
        };
    }

    /// <summary>The file does not say how sure the model was of a tag.</summary>
    static TagPrediction Tags(string id, string[] tags) => new(id, tags, [.. tags.Select(_ => double.NaN)]);

    static double[] Probabilities(JsonElement row, TaskDataset dataset) => [.. dataset.Labels.Select(label => Number(row.GetProperty("probabilities").GetProperty(label)))];

    static double Number(JsonElement value) => value.ValueKind == JsonValueKind.Null ? double.NaN : value.GetDouble();

    static int IndexOf(IReadOnlyList<string> labels, string? name) =>
        Enumerable.Range(0, labels.Count).FirstOrDefault(label => labels[label] == name, -1) is >= 0 and var index ? index : throw new FormatException($"'{name}' is no label.");

    /// <summary>Weights, configuration, vocabulary and task; the card says nothing to a prediction.</summary>
    static string HashOf(string model)
    {
        var hash = new XxHash128();
        foreach (var path in Directory.EnumerateFiles(model).Where(path => Path.GetFileName(path) != ModelCard.FileName).Order(StringComparer.Ordinal))
        {
            Append(hash, Path.GetFileName(path));
            using var file = File.OpenRead(path);
            hash.Append(file);
        }
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    /// <summary>A hash of a set's examples, labels included.</summary>
    internal static string HashOf(TaskDataset dataset)
    {
        var hash = new XxHash128();
        foreach (var example in dataset.Examples)
        {
            Append(hash, example.Id);
            foreach (var part in Parts(example)) Append(hash, part);
        }
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    static IEnumerable<string> Parts(TaskExample example) => example switch
    {
        TextExample text => [text.Text, text.SecondText ?? "", $"{text.Class} {text.Value:R} {string.Join(' ', text.IsLabelled ?? [])}"],
        TaggedExample tagged => [.. tagged.Words, .. tagged.Tags ?? []],
        QuestionExample question => [question.Question, question.Context, .. (question.Answers ?? []).Select(answer => answer.Text)],
        _ => [],
    };

    static void Append(XxHash128 hash, string text)
    {
        hash.Append(Encoding.UTF8.GetBytes(text));
        hash.Append([0xFF]); // no byte of UTF-8: ends the text
    }
}
