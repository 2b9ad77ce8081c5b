using Electra.FineTuning.Report;
using Electra.FineTuning.Tasks;
using Electra.Tests.Evaluation;

namespace Electra.Tests.FineTuning;

public sealed class EvaluationReportTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    static TaskDataset Set(TaskKind kind, string[] labels, TaskReadingReport report, params TaskExample[] examples) => new(
        new TaskDefinition("mine", kind, new TaskFormat(TaskFileType.Tsv), new Dictionary<string, TaskSplit>(), [TaskMetrics.NamesOf(kind)[0]]), "dev", labels, examples, report);

    string Page(TaskDataset set, params TaskPrediction[] predictions)
    {
        EvaluationReport.Write(_folder["report.html"], "Mine", [new EvaluatedSet(set, predictions, TaskMetrics.Of(set, predictions))]);
        return File.ReadAllText(_folder["report.html"]);
    }

    static SourceLine Line(int number) => new("dev.tsv", number);

    [Fact]
    public void The_surest_error_stands_first_with_its_place()
    {
        var page = Page(Set(TaskKind.Classification, ["no", "yes"], new(),
            new TextExample("0", Line(2), "mild", Class: 0), new TextExample("1", Line(3), "<b>wild</b>", Class: 0), new TextExample("2", Line(4), "right", Class: 1)),
            new ClassPrediction("0", 1, [0.4, 0.6]), new ClassPrediction("1", 1, [0.1, 0.9]), new ClassPrediction("2", 1, [0.2, 0.8]));

        var errors = page[page.IndexOf("Worst errors", StringComparison.Ordinal)..];
        Assert.Contains("2 examples are wrong", errors);
        Assert.InRange(errors.IndexOf("&lt;b&gt;wild&lt;/b&gt;", StringComparison.Ordinal), 0, errors.IndexOf("mild", StringComparison.Ordinal));
        Assert.Contains("<td>no</td><td>yes</td><td>90.00 %</td><td>dev.tsv:3</td>", errors);
        Assert.DoesNotContain("right</th>", errors);
        Assert.Contains("<dt>Accuracy</dt><dd>33.33 %</dd>", page);
    }

    [Fact]
    public void The_matrix_counts_labels_by_prediction_and_shades_by_share()
    {
        var page = Page(Set(TaskKind.Classification, ["no", "yes"], new(),
            new TextExample("0", Line(1), "a", Class: 0), new TextExample("1", Line(2), "b", Class: 0), new TextExample("2", Line(3), "c", Class: 1)),
            new ClassPrediction("0", 0, [1, 0]), new ClassPrediction("1", 1, [0, 1]), new ClassPrediction("2", 1, [0, 1]));

        Assert.Contains("<th scope=\"row\">no</th><td style=\"--share:30%\" title=\"50.0 % of no\">1</td><td style=\"--share:30%\" title=\"50.0 % of no\">1</td>", page);
        Assert.Contains("<th scope=\"row\">yes</th><td style=\"--share:0%\" title=\"0.0 % of yes\">0</td><td style=\"--share:60%\" title=\"100.0 % of yes\">1</td>", page);
        Assert.Contains("<th scope=\"row\">no</th><td>100.00 %</td><td>50.00 %</td><td>66.67 %</td><td>2</td><td>1</td><td>1</td>", page);
    }

    [Fact]
    public void Missed_and_invented_entities_are_told_apart()
    {
        var page = Page(Set(TaskKind.Tagging, [], new(), new TaggedExample("0", Line(1), ["Ann", "saw", "Rome"], ["B-PER", "O", "B-LOC"])),
            new TagPrediction("0", ["B-PER", "O", "B-PER"], [0.9, 0.9, 0.6]));

        Assert.Contains("<th scope=\"row\">Ann saw Rome</th><td>LOC: Rome</td><td>PER: Rome</td><td>dev.tsv:1</td>", page);
    }

    [Fact]
    public void Wrong_answers_stand_beside_the_right_ones()
    {
        var page = Page(Set(TaskKind.QuestionAnswering, [], new(),
            new QuestionExample("q1", Line(1), "Who sat?", "Ann sat.", [new GoldAnswer("Ann", 0)]), new QuestionExample("q2", Line(2), "When?", "Ann sat.", [])),
            new AnswerPrediction("q1", "sat", -3, []), new AnswerPrediction("q2", "Ann", 2, []));

        Assert.Contains("<th scope=\"row\">Who sat?</th><td>Ann</td><td>sat</td><td>−3.00</td><td>q1</td>".Replace('−', '-'), page);
        Assert.Contains("Threshold of no answer", page);
    }

    [Fact]
    public void A_question_that_is_rightly_left_unanswered_is_no_error()
    {
        var set = Set(TaskKind.QuestionAnswering, [], new(),
            new QuestionExample("q1", Line(1), "Who sat?", "Ann sat.", [new GoldAnswer("Ann", 0)]), new QuestionExample("q2", Line(2), "When?", "Ann sat.", []));
        TaskPrediction[] said = [new AnswerPrediction("q1", "Ann", 3, []), new AnswerPrediction("q2", "Ann", 2, [])];
        EvaluationReport.Write(_folder["report.html"], "Mine", [new EvaluatedSet(set, said, TaskMetrics.Of(set, said), NoAnswerThreshold: 1)]);

        var errors = File.ReadAllText(_folder["report.html"]).Split("Worst errors")[1];
        Assert.Contains("<th scope=\"row\">Who sat?</th><td>Ann</td><td>none</td><td>3.00</td><td>q1</td>", errors);
        Assert.DoesNotContain("When?", errors);
    }

    [Fact]
    public void What_was_wrong_with_the_data_is_told()
    {
        var report = new TaskReadingReport();
        report.Add(new TaskProblem(TaskProblemKind.EmptyText, Line(7), "the text is empty", IsDropped: true));

        var page = Page(Set(TaskKind.Regression, [], report, new TextExample("0", Line(1), "a", Value: 1), new TextExample("1", Line(2), "b", Value: 2)),
            new ValuePrediction("0", 1), new ValuePrediction("1", 3));

        Assert.Contains("<th scope=\"row\">dev.tsv:7</th><td>the text is empty</td><td>left out</td>", page);
    }

    [Fact]
    public void A_model_that_gives_one_answer_to_everything_is_called_failed()
    {
        var set = Set(TaskKind.Classification, ["no", "yes"], new(), new TextExample("0", Line(1), "a", Class: 0), new TextExample("1", Line(2), "b", Class: 1));
        TaskPrediction[] said = [new ClassPrediction("0", 0, [1, 0]), new ClassPrediction("1", 0, [1, 0]) { IsTruncated = true }];
        EvaluationReport.Write(_folder["report.html"], "Mine", [new EvaluatedSet(set, said, TaskMetrics.Of(set, said), HasFailed: true)]);

        Assert.Contains("2 examples. 1 were longer than the model&#39;s rows and cut. FAILED: the model gives one answer to everything", File.ReadAllText(_folder["report.html"]));
    }

    [Fact]
    public void A_model_that_diverged_still_has_a_report() => Assert.Contains("Confusion matrix", Page(
        Set(TaskKind.Classification, ["no", "yes"], new(), new TextExample("0", Line(1), "a", Class: 0)), new ClassPrediction("0", 0, [double.NaN, double.NaN])));
}
