using System.Diagnostics;
using System.Text.Json;

namespace Electra.Tests.Evaluation;

/// <summary>The built program, as a user calls it.</summary>
public sealed class ScoreCommandTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Glue_scores_are_printed_as_json()
    {
        var (code, output, _) = Run("score", "glue", "--task", "MRPC", "--labels", _folder.Write("labels", "1\n1\n0\n0\n"),
            "--predictions", _folder.Write("predictions", "equivalent\nnot_equivalent\n0\n0\n"), "--json");

        Assert.Equal(0, code);
        Assert.Equal([("accuracy", 0.75), ("f1", 2 / 3.0)], Numbers(output));
    }

    [Fact]
    public void An_undefined_correlation_is_null_in_json()
    {
        var (code, output, _) = Run("score", "glue", "--task", "stsb", "--labels", _folder.Write("labels", "1\n2\n"),
            "--predictions", _folder.Write("predictions", "3\n3\n"), "--json");

        Assert.Equal(0, code);
        Assert.Equal(JsonValueKind.Null, JsonDocument.Parse(output).RootElement.GetProperty("pearson").ValueKind);
    }

    [Fact]
    public void Squad_scores_have_the_official_names_and_missing_predictions_are_warned_of()
    {
        var (code, output, errors) = Run("score", "squad", "--data", _folder.Write("dev.json", """
            {"version": "v2.0", "data": [{"paragraphs": [{"qas": [
              {"id": "a", "is_impossible": false, "answers": [{"text": "the cat", "answer_start": 0}]},
              {"id": "b", "is_impossible": true, "answers": []}, {"id": "c", "is_impossible": false, "answers": [{"text": "dog", "answer_start": 0}]}]}]}]}
            """), "--predictions", _folder.Write("predictions.json", """{"a": "Cat", "b": "cat"}"""), "--na-probs", _folder.Write("na.json", """{"a": 0.1, "b": 0.9}"""), "--json");

        Assert.Equal(0, code);
        Assert.Equal(
            [("exact", 100 / 3.0), ("f1", 100 / 3.0), ("total", 3), ("HasAns_exact", 50), ("HasAns_f1", 50), ("HasAns_total", 2), ("NoAns_exact", 0), ("NoAns_f1", 0), ("NoAns_total", 1),
                ("best_exact", 200 / 3.0), ("best_exact_thresh", 0.1), ("best_f1", 200 / 3.0), ("best_f1_thresh", 0.1), ("missing_predictions", 1)],
            Numbers(output).Select(pair => (pair.Name, Math.Round(pair.Value, 9) is var rounded && Math.Abs(rounded - 100 / 3.0) < 1e-6 ? 100 / 3.0 : Math.Abs(rounded - 200 / 3.0) < 1e-6 ? 200 / 3.0 : rounded)));
        Assert.Contains("1 of 3 questions have no prediction", errors);
    }

    [Fact]
    public void Tagging_scores_are_a_table_by_type()
    {
        var (code, output, _) = Run("score", "tagging", _folder.Write("tags", "a B-X B-X\nb O B-Y\n\nc B-Y B-Y\n"));

        Assert.Equal(0, code);
        Assert.Contains("3 tokens, 2 phrases; 3 found, 2 correct", output);
        Assert.Matches(@"all +66\.67 +100\.00 +80\.00 +2 +3", output);
    }

    [Theory]
    [InlineData("1\n0\n", "1\n", "1 lines, but")]
    [InlineData("1\n0\n", "1\nx\n", "line 2: 'x' is no label of cola")]
    public void A_users_mistake_is_one_line_and_exit_code_2(string labels, string predictions, string message)
    {
        var (code, output, errors) = Run("score", "glue", "--task", "cola", "--labels", _folder.Write("labels", labels), "--predictions", _folder.Write("predictions", predictions));

        Assert.Equal((2, ""), (code, output));
        Assert.Contains(message, Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
    }

    [Fact]
    public void A_missing_file_is_the_users_mistake()
    {
        var (code, _, errors) = Run("score", "tagging", _folder["nowhere"]);

        Assert.Equal(2, code);
        Assert.Contains("nowhere", Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
    }

    [Fact]
    public void A_report_of_several_runs_needs_a_file()
    {
        foreach (var run in new[] { "a", "b" })
        {
            Directory.CreateDirectory(_folder[run]);
            _folder.Write($"{run}/metrics.jsonl", "{\"step\":1,\"kind\":\"train\",\"loss\":3}\n");
        }

        Assert.Equal(2, Run("report", _folder["a"], _folder["b"]).Code);
        Assert.Equal((0, _folder["both.html"]), Run("report", _folder["a"], _folder["b"], "--out", _folder["both.html"]) is var (code, output, _) ? (code, output.Trim()) : default);
        Assert.True(File.Exists(_folder["both.html"]));
    }

    static List<(string Name, double Value)> Numbers(string json) =>
        [.. JsonDocument.Parse(json).RootElement.EnumerateObject().Select(property => (property.Name, property.Value.GetDouble()))];

    static (int Code, string Output, string Errors) Run(params string[] arguments)
    {
        using var program = Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Electra.Cli"), arguments)
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        var errors = program.StandardError.ReadToEndAsync();
        var output = program.StandardOutput.ReadToEnd();
        program.WaitForExit();
        return (program.ExitCode, output, errors.Result);
    }
}
