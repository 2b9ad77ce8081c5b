using Electra.Checkpoints;
using Electra.Reporting;

namespace Electra.Pretraining;

/// <summary>The card of a model that lies inside a pretraining run: its data, steps and figures are the run's.</summary>
public static class RunModelCard
{
    const string StepPrefix = "step-";

    /// <summary>Levels between a model and its run: <c>checkpoints/step-N/discriminator</c>.</summary>
    const int MaxLevels = 4;

    /// <summary>Figures of the held-out evaluation that a reader asks for first, by their names in the log.</summary>
    static readonly (string Metric, string Name)[] Shown =
    [
        ("discriminator_auc", "Replaced token detection, AUC on held-out text"), ("discriminator_loss", "Discriminator loss on held-out text"),
        ("generator_accuracy", "Generator accuracy on held-out text"), ("generator_loss", "Generator loss on held-out text"),
        ("mlm_accuracy", "Masked token accuracy on held-out text"), ("mlm_loss", "Masked language modelling loss on held-out text"),
        ("nsp_accuracy", "Next sentence accuracy on held-out text"),
    ];

    /// <summary>The card, or null for a model outside any pretraining run; one that a fine-tuning wrote has its own.</summary>
    /// <param name="model">A model directory.</param>
    /// <param name="license">SPDX identifier, or null.</param>
    public static ModelCard? Find(string model, string? license)
    {
        var path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(model));
        long? step = null;
        for (var (folder, level) = (path, 0); folder is not null && level < MaxLevels; (folder, level) = (Path.GetDirectoryName(folder), level + 1))
        {
            if (Path.GetFileName(folder).StartsWith(StepPrefix, StringComparison.Ordinal) && long.TryParse(Path.GetFileName(folder)[StepPrefix.Length..], out var named))
                step = named;
            if (!RunDirectory.IsRun(folder)) continue;
            var run = RunDirectory.Open(folder);
            return run.IsPretraining() ? Of(run, Path.GetFileName(path), step, license) : null;
        }
        return null;
    }

    static ModelCard Of(RunDirectory run, string part, long? step, string? license)
    {
        var manifest = run.ReadManifest();
        var evaluations = File.Exists(run.MetricsPath)
            ? MetricsLog.Read(run.MetricsPath).Where(entry => entry.Kind == MetricsEntry.Evaluation && (step is null || entry.Step <= step)).ToList()
            : [];
        var figures = new Dictionary<string, string>();
        if (evaluations is [.., var last])
            foreach (var (metric, name) in Shown)
                if (last.Values.TryGetValue(metric, out var value)) figures[name] = $"{value:F4}";
        var title = Path.GetFileName(Path.TrimEndingDirectorySeparator(run.Path));
        // The name of the data, not its place: a card is published.
        var data = $"{Path.GetFileName(Path.TrimEndingDirectorySeparator(manifest.Dataset))} (dataset {manifest.DatasetIdentity})";
        return new ModelCard($"{title}: {part}", data, step ?? evaluations.LastOrDefault()?.Step ?? run.ReadRecipe().Run.Steps, figures, license, BaseModel: NameOf(manifest.From));
    }

    /// <summary>The name of the model a run began from, not its place: of a model inside a run, the run's.</summary>
    static string NameOf(string? from)
    {
        if (from is null) return "random weights";
        var parts = from.Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries);
        return parts.LastOrDefault(part => part is not ("discriminator" or "model")) ?? parts[^1];
    }
}
