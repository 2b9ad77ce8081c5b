using Electra.Evaluation;
using Electra.FineTuning.Tasks;

namespace Electra.FineTuning;

/// <summary>Whether two models differ on one set: a paired bootstrap of the main metric, and McNemar's test where an example is right or wrong.</summary>
/// <param name="Metric">What is compared.</param>
/// <param name="NumExamples">Examples of the set.</param>
/// <param name="Bootstrap">Both values, and an interval for the second minus the first.</param>
/// <param name="McNemar">By examples that only one of them gets right; null where an example is neither.</param>
public sealed record TaskComparison(string Metric, int NumExamples, PairedBootstrap Bootstrap, McNemarTest? McNemar)
{
    /// <summary>Compares predictions on the same examples.</summary>
    /// <param name="dataset">The set, with labels.</param>
    /// <param name="first">Of one model, in the set's order.</param>
    /// <param name="second">Of the other.</param>
    /// <param name="noAnswerThresholds">Question answering: null scores above which each model leaves a question unanswered; null: it answers all.</param>
    /// <param name="numResamples">Draws of the set.</param>
    public static TaskComparison Of(
        TaskDataset dataset, IReadOnlyList<TaskPrediction> first, IReadOnlyList<TaskPrediction> second,
        (double? First, double? Second) noAnswerThresholds = default, int numResamples = PairedBootstrap.DefaultResamples)
    {
        var count = dataset.Examples.Count;
        if (dataset.Task.Kind == TaskKind.QuestionAnswering)
        {
            var exact = (First: ExactOf(dataset, first, noAnswerThresholds.First), Second: ExactOf(dataset, second, noAnswerThresholds.Second));
            return new TaskComparison("exact", count, PairedBootstrap.CompareMeans(exact.First, exact.Second, numResamples: numResamples),
                McNemarTest.Of([.. exact.First.Select(value => value == 1)], [.. exact.Second.Select(value => value == 1)]));
        }
        var metric = dataset.Task.ChosenMetric;
        if (dataset.Task.Kind == TaskKind.Tagging && metric == "f1")
        {
            var counts = (First: EntitiesOf(dataset, first), Second: EntitiesOf(dataset, second));
            return new TaskComparison(metric, count, PairedBootstrap.Compare(count, rows => (F1(counts.First, rows), F1(counts.Second, rows)), numResamples: numResamples), null);
        }
        var one = dataset.Task with { Metrics = [metric] };
        var bootstrap = PairedBootstrap.Compare(count, rows => (Value(first, rows), Value(second, rows)), numResamples: numResamples);
        var isClassification = dataset.Task.Kind is TaskKind.Classification or TaskKind.PairClassification;
        return new TaskComparison(metric, count, bootstrap, isClassification ? McNemarTest.Of(AreRight(dataset, first), AreRight(dataset, second)) : null);

        double Value(IReadOnlyList<TaskPrediction> predictions, int[] rows) => TaskMetrics.Of(
            dataset with { Task = one, Examples = [.. rows.Select(row => dataset.Examples[row])] }, [.. rows.Select(row => predictions[row])])[metric];
    }

    static bool[] AreRight(TaskDataset dataset, IReadOnlyList<TaskPrediction> predictions) =>
        [.. dataset.Examples.Zip(predictions, (example, prediction) => ((TextExample)example).Class == ((ClassPrediction)prediction).Class)];

    static double[] ExactOf(TaskDataset dataset, IReadOnlyList<TaskPrediction> predictions, double? threshold) =>
        [.. TaskMetrics.OutcomesOf(dataset, predictions, threshold).Select(outcome => outcome.Exact)];

    static PrecisionRecall[] EntitiesOf(TaskDataset dataset, IReadOnlyList<TaskPrediction> predictions) =>
        [.. dataset.Examples.Zip(predictions, (example, prediction) => TaskMetrics.EntitiesOf(dataset with { Examples = [example] }, [prediction]).Overall)];

    static double F1(PrecisionRecall[] counts, int[] rows)
    {
        var sum = default(PrecisionRecall);
        foreach (var row in rows) sum += counts[row];
        return sum.F1;
    }
}
