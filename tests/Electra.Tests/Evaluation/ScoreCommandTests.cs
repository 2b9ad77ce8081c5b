using System.Text.Json;

namespace Electra.Tests.Evaluation;

public sealed class ScoreCommandTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Glue_scores_are_printed_as_json()
    {
        var (code, output, _) = ElectraProgram.Run("score", "glue", "--task", "MRPC", "--labels", _folder.Write("labels", "1\n1\n0\n0\n"),
            "--predictions", _folder.Write("predictions", "equivalent\nnot_equivalent\n0\n0\n"), "--json");

        Assert.Equal(0, code);
        Assert.Equal(["accuracy", "f1"], Numbers(output).Select(figure => figure.Name));
        Assert.Equal([0.75, 2 / 3.0], Numbers(output).Select(figure => figure.Value), Closely);
    }

    [Fact]
    public void An_undefined_correlation_is_null_in_json()
    {
        var (code, output, _) = ElectraProgram.Run("score", "glue", "--task", "stsb", "--labels", _folder.Write("labels", "1\n2\n"),
            "--predictions", _folder.Write("predictions", "3\n3\n"), "--json");

        Assert.Equal(0, code);
        Assert.Equal(JsonValueKind.Null, JsonDocument.Parse(output).RootElement.GetProperty("pearson").ValueKind);
    }

    [Fact]
    public void Squad_scores_have_the_official_names_and_missing_predictions_are_warned_of()
    {
        var (code, output, errors) = ElectraProgram.Run("score", "squad", "--data", _folder.Write("dev.json", """
            {"version": "v2.0", "data": [{"paragraphs": [{"qas": [
              {"id": "a", "is_impossible": false, "answers": [{"text": "the cat", "answer_start": 0}]},
              {"id": "b", "is_impossible": true, "answers": []}, {"id": "c", "is_impossible": false, "answers": [{"text": "dog", "answer_start": 0}]}]}]}]}
            """), "--predictions", _folder.Write("predictions.json", """{"a": "Cat", "b": "cat"}"""), "--na-probs", _folder.Write("na.json", """{"a": 0.1, "b": 0.9}"""), "--json");

        var figures = Numbers(output);
        Assert.Equal(0, code);
        Assert.Equal(
            ["exact", "f1", "total", "HasAns_exact", "HasAns_f1", "HasAns_total", "NoAns_exact", "NoAns_f1", "NoAns_total",
                "best_exact", "best_exact_thresh", "best_f1", "best_f1_thresh", "missing_predictions"],
            figures.Select(figure => figure.Name));
        Assert.Equal([100 / 3.0, 100 / 3.0, 3, 50, 50, 2, 0, 0, 1, 200 / 3.0, 0.1, 200 / 3.0, 0.1, 1], figures.Select(figure => figure.Value), Closely);
        Assert.Contains("1 of 3 questions have no prediction", errors);
    }

    [Fact]
    public void Tagging_scores_are_a_table_by_type()
    {
        var (code, output, _) = ElectraProgram.Run("score", "tagging", _folder.Write("tags", "a B-X B-X\nb O B-Y\n\nc B-Y B-Y\n"));

        Assert.Equal(0, code);
        Assert.Contains("3 tokens, 2 phrases; 3 found, 2 correct", output);
        Assert.Matches(@"all +66\.67 +100\.00 +80\.00 +2 +3", output);
    }

    [Theory]
    [InlineData("1\n0\n", "1\n", "1 lines, but")]
    [InlineData("1\n0\n", "1\nx\n", "line 2: 'x' is no label of cola")]
    public void A_users_mistake_is_one_line_and_exit_code_2(string labels, string predictions, string message)
    {
        var (code, output, errors) = ElectraProgram.Run("score", "glue", "--task", "cola", "--labels", _folder.Write("labels", labels), "--predictions", _folder.Write("predictions", predictions));

        Assert.Equal((2, ""), (code, output));
        Assert.Contains(message, Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
    }

    [Fact]
    public void A_missing_file_is_the_users_mistake()
    {
        var (code, _, errors) = ElectraProgram.Run("score", "tagging", _folder["nowhere"]);

        Assert.Equal(2, code);
        Assert.Contains("nowhere", Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
    }

    static bool Closely(double expected, double actual) => Math.Abs(expected - actual) < 1e-9;

    static List<(string Name, double Value)> Numbers(string json) =>
        [.. JsonDocument.Parse(json).RootElement.EnumerateObject().Select(property => (property.Name, property.Value.GetDouble()))];
}
