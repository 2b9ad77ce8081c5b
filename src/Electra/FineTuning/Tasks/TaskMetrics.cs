using Electra.Evaluation;

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

    /// <summary>Refuses a metric that needs two classes where there are others than two, which labels read from the training set may show.</summary>
    /// <exception cref="InvalidDataException">There are.</exception>
    public static void CheckLabels(TaskDefinition task, IReadOnlyList<string> labels)
    {
        if (task.Kind is not (TaskKind.Classification or TaskKind.PairClassification) || labels.Count == 2) return;
        if (task.Metrics.FirstOrDefault(IsOfSecondClass) is { } metric) throw NotTwoClasses(task, metric, labels.Count);
    }

    /// <summary>The task's metrics over a set, in the task's order; one is NaN where it is undefined.</summary>
    /// <param name="dataset">The set, with labels.</param>
    /// <param name="predictions">One an example, in the set's order.</param>
    /// <param name="noAnswerThreshold">Question answering: questions whose null score is above it count as unanswered, null: none does; the
    /// <c>best_</c> metrics search for the best one.</param>
    /// <exception cref="ArgumentException">Predictions and examples do not match, or the set has no labels.</exception>
    public static IReadOnlyDictionary<string, double> Of(
        TaskDataset dataset, IReadOnlyList<TaskPrediction> predictions, double? noAnswerThreshold = null)
    {
        if (dataset.Examples.Count != predictions.Count)
            throw new ArgumentException($"{dataset.Examples.Count:N0} examples, but {predictions.Count:N0} predictions.");
        for (var i = 0; i < predictions.Count; i++)
            if (dataset.Examples[i].Id != predictions[i].Id)
                throw new ArgumentException($"Example {i} is '{dataset.Examples[i].Id}', its prediction is of '{predictions[i].Id}'.");

        var all = dataset.Task.Kind switch
        {
            TaskKind.Regression => Regression(dataset, predictions),
            TaskKind.MultiLabel => MultiLabel(dataset, predictions),
            TaskKind.Tagging => Tagging(dataset, predictions),
            TaskKind.QuestionAnswering => QuestionAnswering(dataset, predictions, noAnswerThreshold),
            _ => Classification(dataset, predictions),
        };
        return dataset.Task.Metrics.ToDictionary(name => name, name => all(name));
    }

    /// <summary>SQuAD 2.0: the threshold of the null score that gives the best F1, and that F1 in percent.</summary>
    public static SquadThreshold BestThreshold(TaskDataset dataset, IReadOnlyList<TaskPrediction> predictions)
    {
        var best = Squad(dataset, predictions, 0).BestF1!; // no-answer scores are given, so there is one
        // The official script says 0 then, which suits probabilities. These scores may be below 0: a threshold that all are above is below the smallest.
        return best.AnswersNone ? best with { Threshold = predictions.Cast<AnswerPrediction>().Min(prediction => prediction.NullScore) - 1 } : best;
    }

    static Func<string, double> Classification(TaskDataset dataset, IReadOnlyList<TaskPrediction> predictions)
    {
        int[] gold = [.. Examples<TextExample>(dataset).Select(example => example.Class ?? throw NoLabels(dataset))];
        List<ClassPrediction> found = [.. predictions.Cast<ClassPrediction>()];
        var matrix = ConfusionMatrix.Of(gold, [.. found.Select(prediction => prediction.Class)], dataset.Labels.Count);
        return name => name switch
        {
            "accuracy" => matrix.Accuracy,
            "f1" => OfSecondClass(dataset, name, () => matrix.OfClass(1).F1),
            "macro_f1" => matrix.MacroF1,
            "mcc" => matrix.MatthewsCorrelation,
            _ => OfSecondClass(dataset, name, () => AreaUnderRocCurve.Compute(
                [.. found.Select(prediction => (float)prediction.Probabilities[1])], [.. gold.Select(label => label == 1)])),
        };
    }

    static double OfSecondClass(TaskDataset dataset, string metric, Func<double> compute) =>
        dataset.Labels.Count == 2 ? compute() : throw NotTwoClasses(dataset.Task, metric, dataset.Labels.Count);

    /// <summary>Classification: metrics about the second of two classes.</summary>
    internal static bool IsOfSecondClass(string metric) => metric is "f1" or "auc";

    static InvalidDataException NotTwoClasses(TaskDefinition task, string metric, int numLabels) =>
        new($"{task.Name}: the metric {metric} is about the second of two classes, but there are {numLabels}; use macro_f1.");

    static Func<string, double> Regression(TaskDataset dataset, IReadOnlyList<TaskPrediction> predictions)
    {
        double[] gold = [.. Examples<TextExample>(dataset).Select(example => example.Value ?? throw NoLabels(dataset))];
        double[] found = [.. predictions.Cast<ValuePrediction>().Select(prediction => prediction.Value)];
        return name => name switch
        {
            "pearson" => Correlation.Pearson(gold, found),
            "spearman" => Correlation.Spearman(gold, found),
            "mse" => gold.Zip(found, (left, right) => (left - right) * (left - right)).Average(),
            _ => gold.Zip(found, (left, right) => Math.Abs(left - right)).Average(),
        };
    }

    static Func<string, double> MultiLabel(TaskDataset dataset, IReadOnlyList<TaskPrediction> predictions)
    {
        var numLabels = dataset.Labels.Count;
        List<LabelSetPrediction> found = [.. predictions.Cast<LabelSetPrediction>()];
        bool[] gold = [.. Examples<TextExample>(dataset).SelectMany(example => example.IsLabelled ?? throw NoLabels(dataset))];
        bool[] said = [.. found.SelectMany(prediction => Enumerable.Range(0, numLabels).Select(prediction.Has))];
        var score = MultiLabelScore.Of(gold, said, numLabels);
        return name => name switch
        {
            "micro_f1" => score.MicroF1,
            "macro_f1" => score.MacroF1,
            "exact_match" => score.ExactMatch,
            // The mean over the labels that occur.
            _ => Enumerable.Range(0, numLabels).Select(label => AveragePrecision.Compute(
                    [.. found.Select(prediction => (float)prediction.Probabilities[label])],
                    [.. Enumerable.Range(0, found.Count).Select(row => gold[row * numLabels + label])]))
                .Where(area => !double.IsNaN(area)).DefaultIfEmpty(double.NaN).Average(),
        };
    }

    static Func<string, double> Tagging(TaskDataset dataset, IReadOnlyList<TaskPrediction> predictions)
    {
        var score = EntitiesOf(dataset, predictions);
        return name => name switch
        {
            "f1" => score.Overall.F1,
            "precision" => score.Overall.Precision,
            "recall" => score.Overall.Recall,
            _ => score.TokenAccuracy,
        };
    }

    /// <summary>Entities as conlleval counts them, in the files' scheme.</summary>
    internal static EntityScore EntitiesOf(TaskDataset dataset, IReadOnlyList<TaskPrediction> predictions)
    {
        var scheme = (dataset.Task.Tagging ?? new TaskTagging()).Scheme;
        return EntityScore.Of(Examples<TaggedExample>(dataset).Zip(predictions.Cast<TagPrediction>(), (example, prediction) =>
            new TaggedSentence(TagSequence.Write([.. example.Tags ?? throw NoLabels(dataset)], scheme), prediction.Tags)));
    }

    static Func<string, double> QuestionAnswering(TaskDataset dataset, IReadOnlyList<TaskPrediction> predictions, double? threshold)
    {
        var score = Squad(dataset, predictions, threshold);
        return name => name switch
        {
            "exact" => score.Overall.Exact,
            "f1" => score.Overall.F1,
            "has_answer_exact" => (score.HasAnswer ?? score.Overall).Exact,
            "has_answer_f1" => (score.HasAnswer ?? score.Overall).F1,
            "no_answer_exact" => score.NoAnswer?.Exact ?? double.NaN,
            "best_exact" => score.BestExact!.Best,
            _ => score.BestF1!.Best, // no-answer scores are given, so there are thresholds
        } / 100;
    }

    static SquadEvaluation Squad(TaskDataset dataset, IReadOnlyList<TaskPrediction> predictions, double? threshold)
    {
        var (questions, isVersion2) = Questions(dataset);
        List<AnswerPrediction> found = [.. predictions.Cast<AnswerPrediction>()];
        return SquadEvaluation.Of(questions, isVersion2,
            [.. found.Select((prediction, place) => KeyValuePair.Create(questions[place].Id, prediction.Text))],
            [.. found.Select((prediction, place) => KeyValuePair.Create(questions[place].Id, prediction.NullScore))], threshold ?? double.PositiveInfinity);
    }

    /// <summary>What each answer is worth at a threshold, by the rules of the version that the whole set is of.</summary>
    internal static IEnumerable<SquadOutcome> OutcomesOf(TaskDataset dataset, IReadOnlyList<TaskPrediction> predictions, double? noAnswerThreshold)
    {
        var (questions, isVersion2) = Questions(dataset);
        return questions.Zip(predictions.Cast<AnswerPrediction>(), (question, prediction) =>
        {
            var outcome = SquadOutcome.Of(question, prediction.Text, isVersion2);
            return prediction.NullScore > noAnswerThreshold ? outcome.WithoutAnswer() : outcome;
        });
    }

    /// <summary>The questions, named by their places, since ids may repeat where some rows have none of their own; and whether one has no answer.</summary>
    static (List<SquadQuestion> Questions, bool IsVersion2) Questions(TaskDataset dataset)
    {
        List<SquadQuestion> questions = [.. Examples<QuestionExample>(dataset).Select((example, place) =>
            new SquadQuestion($"{place}", [.. (example.Answers ?? throw NoLabels(dataset)).Select(answer => answer.Text)]))];
        return (questions, questions.Any(question => !question.HasAnswer));
    }

    static IEnumerable<T> Examples<T>(TaskDataset dataset) where T : TaskExample => dataset.Examples.Cast<T>();

    static ArgumentException NoLabels(TaskDataset dataset) => new($"The set {dataset.Split} of {dataset.Task.Name} has no labels to score by.");
}
