namespace Electra.FineTuning.Tasks;

/// <summary>Metrics by the names that task files use. All are fractions: 1 is perfect, but for mse and mae, where 0 is.</summary>
public static class TaskMetrics
{
    /// <summary>The metrics that a kind of task has.</summary>
    public static IReadOnlyList<string> NamesOf(TaskKind kind) => kind switch
    {
        TaskKind.Regression => ["pearson", "spearman", "mse", "mae"],
        TaskKind.MultiLabel => ["micro_f1", "macro_f1", "exact_match", "average_precision"],
        TaskKind.Tagging => ["f1", "precision", "recall", "accuracy"],
        TaskKind.QuestionAnswering => ["exact", "f1", "has_answer_exact", "has_answer_f1", "no_answer_exact", "best_exact", "best_f1"],
        _ => ["accuracy", "f1", "macro_f1", "mcc", "auc"],
    };

    /// <summary>True if less is better.</summary>
    public static bool IsError(string metric) => metric is "mse" or "mae";
}
