using Electra.FineTuning.Tasks;

namespace Electra.FineTuning;

/// <summary>One set of examples, encoded for one model.</summary>
public sealed class TaskSet
{
    readonly IReadOnlyList<EncodedExample> _rows;

    TaskSet(TaskDataset dataset, IReadOnlyList<EncodedExample> rows) => (Dataset, _rows) = (dataset, rows);

    /// <summary>Says how many examples were cut to the model's length.</summary>
    public static string TruncationNote(long numTruncated, long numExamples, int maxLength) =>
        $"{numTruncated:N0} of {numExamples:N0} examples {(numTruncated == 1 ? "was" : "were")} longer than the model's {maxLength:N0} tokens and cut there";

    /// <summary>The examples.</summary>
    public TaskDataset Dataset { get; }

    /// <summary>The set's name, such as <c>dev_matched</c>.</summary>
    public string Name => Dataset.Split;

    /// <summary>Reads and encodes a set.</summary>
    internal static TaskSet Load(TaskReader reader, string split, TaskEncoder encoder, Action<string> warn)
    {
        var dataset = reader.Read(split);
        foreach (var line in dataset.Report.Warnings()) warn(line);
        var rows = encoder.EncodeAll(dataset.Examples);
        var numTruncated = rows.Where(row => row.Text.IsTruncated).Select(row => row.Example).Distinct().Count();
        if (numTruncated > 0) warn($"{split}: {TruncationNote(numTruncated, dataset.Examples.Count, encoder.MaxLength)}");
        return new TaskSet(dataset, rows);
    }

    /// <summary>What a model says of each example.</summary>
    internal IReadOnlyList<TaskPrediction> Predict(RowScorer scorer, CancellationToken cancellation = default) =>
        TaskDecoder.Decode(Dataset.Task, Dataset.Labels, Dataset.Examples, _rows, scorer.Score(_rows, cancellation));

    /// <summary>The task's metrics; NaN where one is undefined.</summary>
    internal IReadOnlyDictionary<string, double> Judge(IReadOnlyList<TaskPrediction> predictions) =>
        TaskMetrics.Of(Dataset, predictions, NoAnswerThreshold(predictions));

    /// <summary>The null score above which a question is best left unanswered; null where every question has an answer, or there is none.</summary>
    internal double? NoAnswerThreshold(IReadOnlyList<TaskPrediction> predictions) =>
        Dataset.Examples.Any(example => example is QuestionExample { Answers.Count: 0 }) ? TaskMetrics.BestThreshold(Dataset, predictions).Threshold : null;

    /// <summary>True if all examples get one answer although their labels differ: the model has learnt nothing, as happens with some seeds.</summary>
    public bool IsCollapsed(IReadOnlyList<TaskPrediction> predictions)
    {
        var threshold = NoAnswerThreshold(predictions) ?? double.PositiveInfinity;
        return predictions.SelectMany(prediction => AnswersOf(prediction, threshold)).Distinct().Take(2).Count() == 1
            && Dataset.Examples.SelectMany(LabelsOf).Distinct().Take(2).Count() == 2;
    }

    static string[] AnswersOf(TaskPrediction prediction, double noAnswerThreshold) => prediction switch
    {
        ClassPrediction one => [$"{one.Class}"],
        ValuePrediction number => [$"{number.Value:F3}"],
        LabelSetPrediction set => [string.Concat(Enumerable.Range(0, set.Probabilities.Length).Select(label => set.Has(label) ? '1' : '0'))],
        TagPrediction tags => tags.Said ?? tags.Tags,
        AnswerPrediction answer => [answer.At(noAnswerThreshold)],
        _ => [],
    };

    static IEnumerable<string> LabelsOf(TaskExample example) => example switch
    {
        TextExample text => [$"{text.Class} {text.Value} {string.Join(' ', text.IsLabelled ?? [])}"],
        TaggedExample tagged => tagged.Tags ?? [],
        QuestionExample question => [question.Answers is [var answer, ..] ? answer.Text : ""],
        _ => [],
    };
}
