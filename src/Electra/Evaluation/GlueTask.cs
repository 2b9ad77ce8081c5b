namespace Electra.Evaluation;

/// <summary>How a GLUE task is labelled and scored (Wang et al. 2018).</summary>
/// <param name="Name">Lower-case name.</param>
/// <param name="LabelNames">Class names by number; empty for a regression.</param>
/// <param name="Metrics">The benchmark's metrics for the task, see <see cref="GlueScore"/>.</param>
/// <param name="NumbersDiffer">Whether models number the classes differently, so that numbers cannot be compared with names.</param>
public sealed record GlueTask(string Name, IReadOnlyList<string> LabelNames, IReadOnlyList<string> Metrics, bool NumbersDiffer = false)
{
    /// <summary>The nine tasks, MNLI's mismatched set and the diagnostic set.</summary>
    public static IReadOnlyList<GlueTask> All { get; } =
    [
        new("cola", ["unacceptable", "acceptable"], ["mcc"]),
        new("sst2", ["negative", "positive"], ["accuracy"]),
        new("mrpc", ["not_equivalent", "equivalent"], ["accuracy", "f1"]),
        new("stsb", [], ["pearson", "spearman"]),
        new("qqp", ["not_duplicate", "duplicate"], ["accuracy", "f1"]),
        new("mnli", ["entailment", "neutral", "contradiction"], ["accuracy"], NumbersDiffer: true),
        new("mnli-mm", ["entailment", "neutral", "contradiction"], ["accuracy"], NumbersDiffer: true),
        new("qnli", ["entailment", "not_entailment"], ["accuracy"]),
        new("rte", ["entailment", "not_entailment"], ["accuracy"]),
        new("wnli", ["not_entailment", "entailment"], ["accuracy"]),
        new("ax", ["entailment", "neutral", "contradiction"], ["mcc"], NumbersDiffer: true),
    ];

    /// <summary>True if labels are real numbers.</summary>
    public bool IsRegression => LabelNames.Count == 0;

    /// <summary>The task of that name; case, '-' and '_' do not count.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static GlueTask Find(string name) =>
        All.FirstOrDefault(task => Plain(task.Name) == Plain(name))
        ?? throw new ArgumentException($"'{name}' is no GLUE task; the tasks are {string.Join(", ", All.Select(task => task.Name))}.");

    static string Plain(string name) =>
        name.ToLowerInvariant().Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal);
}
