using Electra.FineTuning.Tasks;
using Electra.Reporting;

namespace Electra.FineTuning.Report;

/// <summary>
/// What a fine-tuned model gets right and wrong, as one HTML page: figures, confusion matrix, per-class table, calibration, worst errors, and
/// what was wrong with the data.
/// </summary>
public static class EvaluationReport
{
    /// <summary>Errors that are shown, the worst ones.</summary>
    internal const int NumErrors = 20;

    /// <summary>A longer text is cut off in tables.</summary>
    const int MaxTextLength = 400;

    /// <summary>Writes the page.</summary>
    /// <param name="path">The HTML file.</param>
    /// <param name="title">The page's title.</param>
    /// <param name="sets">The sets that were judged, at least one.</param>
    /// <param name="runDirectory">A run of fine-tuning whose curves and settings are to follow; null: none.</param>
    public static void Write(string path, string title, IReadOnlyList<EvaluatedSet> sets, string? runDirectory = null)
    {
        var task = sets[0].Dataset.Task;
        var page = new HtmlPage(title, $"{task.Name}: {string.Join(", ", sets.Select(set => $"{set.Dataset.Split} {set.Dataset.Examples.Count:N0} examples"))}");
        foreach (var set in sets) Add(page, set);
        if (runDirectory is not null) RunReport.AddRun(page, runDirectory, "On the dev sets, whole each time.");
        page.Save(path);
    }

    static void Add(HtmlPage page, EvaluatedSet set)
    {
        page.Heading($"Set {set.Dataset.Split}", Examples(set));
        page.Tiles(set.Metrics.Select(metric => (Words(metric.Key), FigureOf(metric.Key, metric.Value))));
        switch (set.Dataset.Task.Kind)
        {
            case TaskKind.Regression: ValueFigures.Add(page, set); break;
            case TaskKind.MultiLabel: LabelSetFigures.Add(page, set); break;
            case TaskKind.Tagging: TagFigures.Add(page, set); break;
            case TaskKind.QuestionAnswering: AnswerFigures.Add(page, set); break;
            default: ClassFigures.Add(page, set); break;
        }
        AddProblems(page, set.Dataset);
    }

    static string Examples(EvaluatedSet set)
    {
        var report = set.Dataset.Report;
        var dropped = report.NumDropped > 0 ? $", {report.NumDropped:N0} of {report.NumRows:N0} rows left out (see below)" : "";
        var failed = set.HasFailed ? " FAILED: the model gives one answer to everything; another seed or a lower learning rate may help." : "";
        var cut = set.Predictions.Count(prediction => prediction.IsTruncated) is > 0 and var count ? $" {count:N0} were longer than the model's rows and cut." : "";
        return $"{set.Dataset.Examples.Count:N0} examples{dropped}.{cut}{failed}";
    }

    static void AddProblems(HtmlPage page, TaskDataset dataset)
    {
        if (dataset.Report.Counts.Count == 0) return;
        page.Heading($"What was wrong with the rows of {dataset.Split}", "The first of each kind.");
        page.TextTable(["where", "what", "row"],
            dataset.Report.Problems.Select(problem => (IReadOnlyList<string>)[problem.Source.ToString(), problem.Message, problem.IsDropped ? "left out" : "kept"]));
    }

    /// <summary>A metric's name as people write it.</summary>
    internal static string Words(string metric) => metric switch
    {
        "mcc" => "Matthews correlation",
        "f1" => "F1",
        "macro_f1" => "Macro F1",
        "micro_f1" => "Micro F1",
        "auc" => "AUC",
        "mse" => "Mean squared error",
        "mae" => "Mean absolute error",
        "pearson" => "Pearson",
        "spearman" => "Spearman",
        "best_f1" => "Best F1",
        "best_exact" => "Best exact match",
        "exact" => "Exact match",
        "has_answer_f1" => "Has answer F1",
        _ => char.ToUpperInvariant(metric[0]) + metric[1..].Replace('_', ' '),
    };

    /// <summary>Shares as percentages, correlations and errors as they are.</summary>
    internal static string FigureOf(string metric, double value) => metric is "mcc" or "pearson" or "spearman" or "auc" || TaskMetrics.IsError(metric)
        ? double.IsNaN(value) ? "–" : $"{value:F4}"
        : Percent(value);

    /// <summary>A share as a percentage, a dash where it is undefined.</summary>
    internal static string Percent(double share) => double.IsNaN(share) ? "–" : $"{100 * share:F2} %";

    /// <summary>The text of an example, or both of its texts.</summary>
    internal static string TextOf(TextExample example) => Short(example.SecondText is null ? example.Text : $"{example.Text} ‖ {example.SecondText}");

    /// <summary>Text that fits in a cell.</summary>
    internal static string Short(string text) => text.Length <= MaxTextLength ? text : $"{text[..MaxTextLength]} …";
}
