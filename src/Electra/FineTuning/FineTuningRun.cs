using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Electra.Files;
using Electra.FineTuning.Tasks;
using Electra.Pretraining;
using Electra.Training;

namespace Electra.FineTuning;

/// <summary>
/// The directory of a fine-tuning, which <c>docs/file-formats.md</c> describes: one run, or one folder for each of several runs that differ in
/// learning rate, batch size or seed, with their summary.
/// </summary>
public sealed class FineTuningRun
{
    const string RecipeFileName = "recipe.json", ManifestFileName = "manifest.json", SummaryFileName = "summary.json", ResultFileName = "result.json";
    const string LockFileName = ".lock";

    FineTuningRun(string path, FineTuningRecipe recipe, FineTuningManifest manifest, TaskDefinition? task) =>
        (Path, Recipe, Manifest, Task) = (path, recipe, manifest, task);

    /// <summary>Where it lies.</summary>
    public string Path { get; }

    /// <summary>The merged recipe, its grid included.</summary>
    public FineTuningRecipe Recipe { get; }

    /// <summary>Data, model, number of seeds and machine.</summary>
    public FineTuningManifest Manifest { get; }

    /// <summary>The merged task file, as it was at the start; null in a run that an earlier version began.</summary>
    public TaskDefinition? Task { get; }

    /// <summary>All runs.</summary>
    public IReadOnlyList<FineTuningUnit> Units => FineTuningUnit.Of(Recipe, Manifest.NumSeeds);

    /// <summary>Begins in a new directory.</summary>
    /// <exception cref="InvalidDataException">There is something already.</exception>
    public static FineTuningRun Create(string path, FineTuningRecipe recipe, FineTuningManifest manifest, TaskDefinition task)
    {
        RunDirectory.RefuseExisting(path);
        WriteStart(path, recipe, manifest, task);
        return new FineTuningRun(path, recipe, manifest, task);
    }

    /// <summary>Opens what <see cref="Create"/> began.</summary>
    /// <exception cref="InvalidDataException">It is no fine-tuning.</exception>
    public static FineTuningRun Open(string path)
    {
        foreach (var name in (string[])[ManifestFileName, RecipeFileName])
            if (!File.Exists(System.IO.Path.Combine(path, name))) throw new InvalidDataException($"{path} is no fine-tuning: {name} is missing.");
        var task = System.IO.Path.Combine(path, TaskModel.TaskFile);
        return new FineTuningRun(
            path, RecipeFile.Load(System.IO.Path.Combine(path, RecipeFileName), FineTuningJson.Default.FineTuningRecipe),
            Read(System.IO.Path.Combine(path, ManifestFileName), FineTuningRunJson.Default.FineTuningManifest),
            File.Exists(task) ? TaskDefinition.Load(task) : null);
    }

    /// <summary>The folder of a run: this one where it is alone.</summary>
    public string PathOf(FineTuningUnit unit) => Units.Count == 1 ? Path : System.IO.Path.Combine(Path, unit.Name);

    /// <summary>What a run said when it finished; null before.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static FineTuningResult? ReadResult(string unitPath) => ReadIfThere(System.IO.Path.Combine(unitPath, ResultFileName), FineTuningRunJson.Default.FineTuningResult);

    /// <summary>The summary in a directory; null if there is none.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static FineTuningSummary? ReadSummary(string path) => ReadIfThere(System.IO.Path.Combine(path, SummaryFileName), FineTuningRunJson.Default.FineTuningSummary);

    /// <summary>Writes the summary.</summary>
    public void WriteSummary(FineTuningSummary summary) => WriteJson(System.IO.Path.Combine(Path, SummaryFileName), summary, FineTuningRunJson.Default.FineTuningSummary);

    /// <summary>Takes a directory for this process, until disposed: two that write one run would destroy it.</summary>
    /// <exception cref="InvalidDataException">Another process has it.</exception>
    public IDisposable Lock()
    {
        try
        {
            return new FileStream(System.IO.Path.Combine(Path, LockFileName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception) when (exception is not (FileNotFoundException or DirectoryNotFoundException))
        {
            throw new InvalidDataException($"{Path} is in use by another process. Wait for it, or stop it first.", exception);
        }
    }

    internal static void WriteStart(string path, FineTuningRecipe recipe, FineTuningManifest manifest, TaskDefinition task)
    {
        Directory.CreateDirectory(path);
        WriteJson(System.IO.Path.Combine(path, RecipeFileName), recipe, FineTuningJson.Default.FineTuningRecipe);
        WriteJson(System.IO.Path.Combine(path, ManifestFileName), manifest, FineTuningRunJson.Default.FineTuningManifest);
        WriteJson(System.IO.Path.Combine(path, TaskModel.TaskFile), task, TaskJson.Default.TaskDefinition);
    }

    internal static void WriteResult(string unitPath, FineTuningResult result) =>
        WriteJson(System.IO.Path.Combine(unitPath, ResultFileName), result, FineTuningRunJson.Default.FineTuningResult);

    static void WriteJson<T>(string path, T value, JsonTypeInfo<T> type) => AtomicFile.WriteText(path, JsonSerializer.Serialize(value, type) + "\n");

    static T? ReadIfThere<T>(string path, JsonTypeInfo<T> type) where T : class => File.Exists(path) ? Read(path, type) : null;

    static T Read<T>(string path, JsonTypeInfo<T> type) where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), type) ?? throw new InvalidDataException($"{path}: empty.");
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"{path}: {JsonFault.Of(exception)}.", exception);
        }
    }
}
