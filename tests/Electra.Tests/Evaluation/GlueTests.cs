using System.Text.Json;
using Electra.Evaluation;

namespace Electra.Tests.Evaluation;

public sealed class GlueTests
{
    static readonly JsonElement Cases = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Reference/metrics/glue_metrics.json"))).RootElement;

    [Theory]
    [MemberData(nameof(CaseNumbers))]
    public void Metrics_equal_the_reference(int number)
    {
        using var folder = new TemporaryFolder();
        var golden = Cases[number];
        string Lines(string name) => folder.Write(name, string.Concat(golden.GetProperty(name).EnumerateArray().Select(value => value.GetRawText() + "\n")));
        double Score(string task, string labels, string predictions, int metric) => GlueScore.Of(GlueTask.Find(task), Lines(labels), Lines(predictions))[metric].Value;
        double Expected(string name) => golden.GetProperty(name).GetDouble();

        Assert.Equal(Expected("accuracy"), Score("mrpc", "labels", "preds", 0), 1e-6);
        Assert.Equal(Expected("f1_positive"), Score("mrpc", "labels", "preds", 1), 1e-6);
        Assert.Equal(Expected("mcc"), Score("cola", "labels", "preds", 0), 1e-6);
        Assert.Equal(Expected("pearson"), Score("stsb", "gold_scores", "pred_scores", 0), 1e-6);
        Assert.Equal(Expected("spearman"), Score("stsb", "gold_scores", "pred_scores", 1), 1e-6);
    }

    public static IEnumerable<TheoryDataRow<int>> CaseNumbers() => Enumerable.Range(0, Cases.GetArrayLength()).Select(number => new TheoryDataRow<int>(number));

    [Theory]
    [InlineData("cola", "mcc")]
    [InlineData("SST-2", "accuracy")]
    [InlineData("MRPC", "accuracy f1")]
    [InlineData("qqp", "accuracy f1")]
    [InlineData("sts_b", "pearson spearman")]
    [InlineData("mnli", "accuracy")]
    [InlineData("MNLI-mm", "accuracy")]
    [InlineData("qnli", "accuracy")]
    [InlineData("rte", "accuracy")]
    [InlineData("wnli", "accuracy")]
    [InlineData("ax", "mcc")]
    public void The_task_decides_the_metrics(string name, string metrics) => Assert.Equal(metrics, string.Join(' ', GlueTask.Find(name).Metrics));

    [Fact]
    public void An_unknown_task_is_refused_with_the_known_ones() =>
        Assert.Contains("cola, sst2, mrpc", Assert.Throws<ArgumentException>(() => GlueTask.Find("copa")).Message);

    [Fact]
    public void Names_and_numbers_of_a_class_are_the_same_label()
    {
        using var folder = new TemporaryFolder();

        var scores = GlueScore.Of(GlueTask.Find("rte"), folder.Write("labels", "entailment\nnot_entailment\n"), folder.Write("predictions", "0\n0"));

        Assert.Equal([new("accuracy", 0.5)], scores);
    }

    [Theory]
    [InlineData("mnli", "neutral\n", "1\n", "write names in both")]
    [InlineData("cola", "0\n1\n1\n", "0\n1\n", "2 lines, but")]
    [InlineData("cola", "0\n1\n", "0\nyes\n", "line 2: 'yes' is no label of cola; the labels are 0 to 1, or unacceptable, acceptable")]
    [InlineData("cola", "0\n1\n", "0\n2\n", "line 2: '2' is no label")]
    [InlineData("cola", "0\n1\n", "\n1\n", "line 1: '' is no label")]
    [InlineData("cola", "0\n1\n", "0\n-1\n", "line 2: '-1' is no label")]
    [InlineData("stsb", "1.5\n2\n", "1.5\nNaN\n", "line 2: 'NaN' is no number")]
    [InlineData("cola", "0\n", "", "empty")]
    public void A_bad_prediction_file_is_named_with_its_line(string task, string labels, string predictions, string message)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("predictions", predictions);

        var error = Assert.Throws<InvalidDataException>(() => GlueScore.Of(GlueTask.Find(task), folder.Write("labels", labels), path));

        Assert.StartsWith(path, error.Message);
        Assert.Contains(message, error.Message);
    }
}
