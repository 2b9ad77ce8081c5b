using Electra.FineTuning.Tasks;

namespace Electra.Tests.FineTuning;

public sealed class TaskMetricsTests
{
    static readonly SourceLine Here = new("test", 1);

    static TaskDataset Set(TaskKind kind, string[] labels, params TaskExample[] examples) => new(
        new TaskDefinition("test", kind, new TaskFormat(TaskFileType.Jsonl), new Dictionary<string, TaskSplit>(), TaskMetrics.NamesOf(kind)),
        "dev", labels, examples, new TaskReadingReport());

    static void Close(double expected, double actual) => Assert.Equal(expected, actual, 9);

    [Fact]
    public void Classes_are_scored_by_all_their_metrics()
    {
        var set = Set(TaskKind.Classification, ["0", "1"], [.. new[] { 1, 1, 0, 0 }.Select((label, i) => new TextExample($"{i}", Here, "x", Class: label))]);
        TaskPrediction[] said = [.. new[] { 0.9, 0.4, 0.1, 0.2 }.Select((share, i) => new ClassPrediction($"{i}", share >= 0.5 ? 1 : 0, [1 - share, share]))];

        var metrics = TaskMetrics.Of(set, said);

        Close(0.75, metrics["accuracy"]);
        Close(2 / 3.0, metrics["f1"]);
        Close((2 / 3.0 + 0.8) / 2, metrics["macro_f1"]);
        Close(1 / Math.Sqrt(3), metrics["mcc"]);
        Close(1, metrics["auc"]);
    }

    [Fact]
    public void Numbers_are_scored_by_correlation_and_error()
    {
        var set = Set(TaskKind.Regression, [], [.. new[] { 1.0, 2, 3 }.Select((value, i) => new TextExample($"{i}", Here, "x", Value: value))]);

        var metrics = TaskMetrics.Of(set, [new ValuePrediction("0", 1), new ValuePrediction("1", 3), new ValuePrediction("2", 5)]);

        Assert.Equal([1, 1, 5 / 3.0, 1], metrics.Values.Select(value => Math.Round(value, 9)), (left, right) => Math.Abs(left - right) < 1e-8);
    }

    [Fact]
    public void Label_sets_are_scored_label_by_label()
    {
        var set = Set(TaskKind.MultiLabel, ["a", "b"],
            new TextExample("0", Here, "x", IsLabelled: [true, false]), new TextExample("1", Here, "x", IsLabelled: [true, true]));

        var metrics = TaskMetrics.Of(set, [new LabelSetPrediction("0", [0.9, 0.1]), new LabelSetPrediction("1", [0.2, 0.8])]);

        Close(0.5, metrics["exact_match"]);
        Close(0.8, metrics["micro_f1"]);
        Close((2 / 3.0 + 1) / 2, metrics["macro_f1"]);
    }

    [Fact]
    public void Entities_are_scored_in_the_files_scheme()
    {
        var set = Set(TaskKind.Tagging, [], new TaggedExample("0", Here, ["a", "b", "c"], ["B-X", "E-X", "S-Y"]));
        set = set with { Task = set.Task with { Tagging = new TaskTagging(TagScheme.Bio, TagScheme.Bioes) } };

        var metrics = TaskMetrics.Of(set, [new TagPrediction("0", ["B-X", "I-X", "O"], [1, 1, 1])]);

        Close(2 / 3.0, metrics["f1"]);
        Close(1, metrics["precision"]);
        Close(2 / 3.0, metrics["accuracy"]);
    }

    [Fact]
    public void Answers_are_scored_with_and_without_the_best_threshold()
    {
        var set = Set(TaskKind.QuestionAnswering, [],
            new QuestionExample("0", Here, "q", "the cat", [new GoldAnswer("the cat", 0)]), new QuestionExample("1", Here, "q", "the cat", []));

        var metrics = TaskMetrics.Of(set, [new AnswerPrediction("0", "Cat", 1, []), new AnswerPrediction("1", "cat", 3, [])], noAnswerThreshold: 5);

        Close(0.5, metrics["exact"]);
        Close(1, metrics["has_answer_f1"]);
        Close(0, metrics["no_answer_exact"]);
        Close(1, metrics["best_f1"]);
        Assert.Equal(1, TaskMetrics.BestThreshold(set, [new AnswerPrediction("0", "Cat", 1, []), new AnswerPrediction("1", "cat", 3, [])]).Threshold);
    }

    [Fact]
    public void Where_no_answer_is_best_the_threshold_lies_below_all_null_scores()
    {
        var set = Set(TaskKind.QuestionAnswering, [], new QuestionExample("0", Here, "q", "the cat", []), new QuestionExample("1", Here, "q", "the cat", []));
        AnswerPrediction[] predictions = [new("0", "cat", -7, []), new("1", "cat", -5, [])];

        var best = TaskMetrics.BestThreshold(set, predictions);

        Assert.Equal(100, best.Best);
        Assert.All(predictions, prediction => Assert.Equal("", prediction.At(best.Threshold)));
        Close(1, TaskMetrics.Of(set, predictions, best.Threshold)["no_answer_exact"]);
    }

    [Fact]
    public void Version_1_never_asks_for_a_null_score()
    {
        var set = Set(TaskKind.QuestionAnswering, [], new QuestionExample("0", Here, "q", "the cat", [new GoldAnswer("cat", 4)]));

        Close(1, TaskMetrics.Of(set, [new AnswerPrediction("0", "cat", 1e9, [])])["exact"]);
    }

    [Fact]
    public void A_threshold_counts_where_every_question_has_an_answer_too()
    {
        var set = Set(TaskKind.QuestionAnswering, [], new QuestionExample("0", Here, "q", "the cat", [new GoldAnswer("cat", 4)]), new QuestionExample("1", Here, "q", "the dog", [new GoldAnswer("dog", 4)]));

        Close(0.5, TaskMetrics.Of(set, [new AnswerPrediction("0", "cat", 3, []), new AnswerPrediction("1", "dog", 1, [])], noAnswerThreshold: 2)["exact"]);
    }

    [Fact]
    public void Questions_of_one_id_are_scored_each_for_itself()
    {
        // A row without an id has its number, which another row may have for a name.
        var set = Set(TaskKind.QuestionAnswering, [], new QuestionExample("1", Here, "q", "the cat", [new GoldAnswer("cat", 4)]), new QuestionExample("1", Here, "q", "the dog", [new GoldAnswer("dog", 4)]));

        Close(0.5, TaskMetrics.Of(set, [new AnswerPrediction("1", "cat", 0, []), new AnswerPrediction("1", "cat", 0, [])])["exact"]);
    }

    [Fact]
    public void Predictions_of_other_examples_are_refused() => Assert.Contains("its prediction is of '1'", Assert.Throws<ArgumentException>(() =>
        TaskMetrics.Of(Set(TaskKind.Regression, [], new TextExample("0", Here, "x", Value: 1)), [new ValuePrediction("1", 1)])).Message);

    [Fact]
    public void A_set_without_labels_is_not_scored() => Assert.Contains("has no labels to score by", Assert.Throws<ArgumentException>(() =>
        TaskMetrics.Of(Set(TaskKind.Regression, [], new TextExample("0", Here, "x")), [new ValuePrediction("0", 1)])).Message);
}
