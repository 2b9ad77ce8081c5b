using Electra.FineTuning.Tasks;

namespace Electra.FineTuning.Report;

/// <summary>A set with what a model says of it.</summary>
/// <param name="Dataset">The set, with labels.</param>
/// <param name="Predictions">One an example, in its order.</param>
/// <param name="Metrics">Of <see cref="TaskMetrics.Of"/>.</param>
/// <param name="HasFailed">True if the model gives one answer to everything although the labels differ.</param>
/// <param name="NoAnswerThreshold">Question answering: null score above which a question was left unanswered; null: none was.</param>
public sealed record EvaluatedSet(
    TaskDataset Dataset, IReadOnlyList<TaskPrediction> Predictions, IReadOnlyDictionary<string, double> Metrics, bool HasFailed = false,
    double? NoAnswerThreshold = null)
{
    /// <summary>Examples with their predictions.</summary>
    internal IEnumerable<(TExample Example, TPrediction Prediction)> Pairs<TExample, TPrediction>()
        where TExample : TaskExample where TPrediction : TaskPrediction =>
        Dataset.Examples.Cast<TExample>().Zip(Predictions.Cast<TPrediction>());
}
