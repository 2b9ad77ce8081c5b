using Electra.FineTuning;
using Electra.FineTuning.Tasks;

namespace Electra.Tests.FineTuning;

public sealed class TaskComparisonTests
{
    static readonly SourceLine Here = new("test", 1);

    static TaskDataset Questions(params QuestionExample[] examples) => new(
        new TaskDefinition("test", TaskKind.QuestionAnswering, new TaskFormat(TaskFileType.Squad), new Dictionary<string, TaskSplit>(), ["exact", "f1"]),
        "dev", [], examples, new TaskReadingReport());

    static readonly QuestionExample Answered = new("0", Here, "Who?", "the cat", [new GoldAnswer("cat", 4)]), Open = new("1", Here, "When?", "the cat", []);

    static readonly TaskPrediction[] Cats = [new AnswerPrediction("0", "cat", 3, []), new AnswerPrediction("1", "cat", 4, [])];

    [Theory]
    [InlineData(2.0, 0.5)]      // below both null scores: only the question without an answer is right
    [InlineData(3.5, 1.0)]      // between them: both are
    [InlineData(null, 0.5)]     // all are answered: only the one with an answer is
    public void Each_models_threshold_decides_what_it_leaves_unanswered(double? threshold, double expected)
    {
        var comparison = TaskComparison.Of(Questions(Answered, Open), Cats, Cats, (threshold, 9), numResamples: 100);

        Assert.Equal((expected, 0.5), (comparison.Bootstrap.First, comparison.Bootstrap.Second));
        Assert.Equal(TaskMetrics.Of(Questions(Answered, Open), Cats, threshold)["exact"], comparison.Bootstrap.First);
    }

    [Fact]
    public void A_question_that_one_model_alone_leaves_open_is_one_of_McNemars()
    {
        // At 2 the first leaves both open; the second answers both.
        var comparison = TaskComparison.Of(Questions(Answered, Open), Cats, Cats, (2, null), numResamples: 100);

        Assert.Equal((1, 1), (comparison.McNemar!.OnlyFirstCorrect, comparison.McNemar.OnlySecondCorrect));
    }

    [Fact]
    public void Where_every_question_has_an_answer_a_threshold_counts_too() =>
        Assert.Equal(0, TaskComparison.Of(Questions(Answered), Cats[..1], Cats[..1], (2, null), numResamples: 100).Bootstrap.First);
}
