using System.Text.Json;
using Electra.Checkpoints;
using Electra.Files;
using Electra.Reporting;
using Electra.Training;

namespace Electra.Pretraining;

/// <summary>The files of a run, which <c>docs/file-formats.md</c> describes.</summary>
public sealed class RunDirectory
{
    const string RecipeFileName = "recipe.json", ManifestFileName = "manifest.json", MetricsFileName = "metrics.jsonl";
    const string ReportFileName = "report.html", EventsFolder = "tensorboard", ModelFolder = "model", LockFileName = ".lock";

    RunDirectory(string path) => Path = path;

    string ManifestPath => System.IO.Path.Combine(Path, ManifestFileName);

    /// <summary>Where the run lies.</summary>
    public string Path { get; }

    /// <summary>The log of figures.</summary>
    public string MetricsPath => System.IO.Path.Combine(Path, MetricsFileName);

    /// <summary>The report for people.</summary>
    public string ReportPath => System.IO.Path.Combine(Path, ReportFileName);

    /// <summary>The folder of TensorBoard events.</summary>
    public string EventsPath => System.IO.Path.Combine(Path, EventsFolder);

    /// <summary>The networks at the end of the run.</summary>
    public string ModelPath => System.IO.Path.Combine(Path, ModelFolder);

    /// <summary>Creates the directory of a new run with its recipe and manifest.</summary>
    /// <exception cref="InvalidDataException">There is something already.</exception>
    public static RunDirectory Create(string path, PretrainingRecipe recipe, RunManifest manifest)
    {
        RefuseExisting(path);
        Directory.CreateDirectory(path);
        var run = new RunDirectory(path);
        run.WriteRecipe(recipe);
        run.WriteManifest(manifest);
        return run;
    }

    /// <summary>Refuses a place that is taken, before any work is done.</summary>
    /// <exception cref="InvalidDataException">There is something already.</exception>
    public static void RefuseExisting(string path)
    {
        if (File.Exists(path) || (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any()))
            throw new InvalidDataException($"{path} is there already. Resume it with --resume {path}, or give another --out.");
    }

    /// <summary>True if the directory is one of a run.</summary>
    public static bool IsRun(string path) =>
        File.Exists(System.IO.Path.Combine(path, RecipeFileName)) && File.Exists(System.IO.Path.Combine(path, ManifestFileName));

    /// <summary>Opens the directory of a run.</summary>
    /// <exception cref="InvalidDataException">It is no run.</exception>
    public static RunDirectory Open(string path)
    {
        foreach (var name in (string[])[RecipeFileName, ManifestFileName])
            if (!File.Exists(System.IO.Path.Combine(path, name))) throw new InvalidDataException($"{path} is no run: {name} is missing.");
        return new RunDirectory(path);
    }

    /// <summary>Takes the run for this process, until disposed: two that write one run would destroy it.</summary>
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

    /// <summary>The merged recipe, with overrides applied.</summary>
    public PretrainingRecipe ReadRecipe(IEnumerable<string>? overrides = null) =>
        RecipeFile.Load(System.IO.Path.Combine(Path, RecipeFileName), PretrainingJson.Default.PretrainingRecipe, overrides);

    /// <summary>True if it is a pretraining: a fine-tuning has files of the same names, but no dataset.</summary>
    /// <exception cref="InvalidDataException">The manifest is damaged.</exception>
    public bool IsPretraining() => ParseManifest(content => JsonSerializer.Deserialize(content, RunJson.Default.JsonElement) is { ValueKind: JsonValueKind.Object } manifest
        && manifest.TryGetProperty("dataset", out _));

    /// <summary>Versions, hashes and hardware of the run.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public RunManifest ReadManifest() =>
        ParseManifest(content => JsonSerializer.Deserialize(content, RunJson.Default.RunManifest)) ?? throw new InvalidDataException($"{ManifestPath}: empty.");

    /// <summary>Replaces the recipe.</summary>
    public void WriteRecipe(PretrainingRecipe recipe) =>
        AtomicFile.WriteText(System.IO.Path.Combine(Path, RecipeFileName), JsonSerializer.Serialize(recipe, PretrainingJson.Default.PretrainingRecipe) + "\n");

    /// <summary>Replaces the manifest.</summary>
    public void WriteManifest(RunManifest manifest) =>
        AtomicFile.WriteText(ManifestPath, JsonSerializer.Serialize(manifest, RunJson.Default.RunManifest) + "\n");

    /// <summary>Takes back what was logged after the step to resume from.</summary>
    /// <param name="step">The checkpoint's.</param>
    /// <param name="warn">Told of each line of the log that is none.</param>
    public void TruncateMetrics(long step, Action<string> warn)
    {
        if (!File.Exists(MetricsPath)) return;
        foreach (var sentence in MetricsLog.TruncateAfter(MetricsPath, step)) warn(sentence);
    }

    /// <summary>The newest undamaged checkpoint; null only if the run was stopped before its first.</summary>
    /// <param name="recipe">The run's recipe: it says when there must have been a checkpoint.</param>
    /// <param name="warn">Told of each damaged one that is passed over.</param>
    /// <exception cref="InvalidDataException">There were checkpoints, and none is usable: nothing is begun anew unasked.</exception>
    public (long Step, string Directory)? FindCheckpoint(PretrainingRecipe recipe, Action<string> warn)
    {
        if (TrainingCheckpoint.FindNewest(Path, warn) is { } newest) return newest;
        var lastStep = File.Exists(MetricsPath) ? MetricsLog.Read(MetricsPath).Select(entry => entry.Step).DefaultIfEmpty().Max() : 0;
        if (TrainingCheckpoint.HasAny(Path) || lastStep > recipe.Run.SaveEvery || ReadManifest().From is not null)
            throw new InvalidDataException($"{Path} has no usable checkpoint, although it had reached step {lastStep:N0}. What is left stays as it is; start again with another --out.");
        return null;
    }

    T ParseManifest<T>(Func<byte[], T> parse)
    {
        try
        {
            return parse(File.ReadAllBytes(ManifestPath));
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"{ManifestPath}: {JsonFault.Of(exception)}.", exception);
        }
    }
}
