using System.Text.Json;

namespace Electra.Tests.FineTuning;

/// <summary><c>electra evaluate</c>: what the run gave, on its own sets and on other files, alone and beside another model.</summary>
[Collection(TorchCollection.Name)]
public sealed class EvaluateCommandTests(FineTunedReviews reviews) : IClassFixture<FineTunedReviews>
{
    [Fact]
    public void Evaluate_gives_what_the_run_gave()
    {
        var (code, output, _) = ElectraProgram.Run("evaluate", "--model", Path.Combine(reviews.Runs, "seed-1"), "--data", reviews.Data, "--json");

        using var result = JsonDocument.Parse(File.ReadAllText(Path.Combine(reviews.Runs, "seed-1", "result.json")));
        Assert.Equal(0, code);
        Assert.Equal(result.RootElement.GetProperty("value").GetDouble(), JsonDocument.Parse(output).RootElement.GetProperty("accuracy").GetDouble(), 12);
    }

    [Fact]
    public void Evaluate_takes_one_labelled_file()
    {
        var file = Path.Combine(reviews.Data, "mine.tsv");
        File.WriteAllText(file, "sentence\tlabel\nmy song is good\t1\nmy song is bad\tmaybe\nmy song is bad\t0\n");

        var (code, output, errors) = ElectraProgram.Run("evaluate", "--model", Path.Combine(reviews.Runs, "seed-1"), "--data", file);

        Assert.Equal(0, code);
        Assert.Contains("2 examples", output);
        Assert.Contains("mine.tsv:3: 'maybe' is no label", errors);
    }

    [Fact]
    public void Evaluate_writes_predictions_a_report_and_the_servers_file()
    {
        var output = Path.Combine(reviews.Data, "evaluation");

        var (code, _, _) = ElectraProgram.Run("evaluate", "--model", Path.Combine(reviews.Runs, "seed-1"), "--data", reviews.Data, "--out", output);

        Assert.Equal(0, code);
        Assert.Equal(8, File.ReadLines(Path.Combine(output, "SST-2", "dev.jsonl")).Count());
        Assert.Contains("Accuracy", File.ReadAllText(Path.Combine(output, "SST-2", "report.html")));
        Assert.Equal(["index\tprediction", "0\t0", "1\t1", "2\t0", "3\t1", "4\t0"], File.ReadLines(Path.Combine(output, "SST-2.tsv")));
        Assert.True(File.Exists(Path.Combine(output, "submission.zip")));
    }

    [Fact]
    public void Tasks_that_share_an_evaluations_directory_keep_their_own_files()
    {
        var (output, other) = (Path.Combine(reviews.Data, "shared"), Path.Combine(reviews.Data, "other-model"));
        Directory.CreateDirectory(other);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(reviews.Runs, "seed-1", "model"))) File.Copy(file, Path.Combine(other, Path.GetFileName(file)));
        var task = Path.Combine(other, "task.json");
        File.WriteAllText(task, File.ReadAllText(task).Replace("\"SST-2\"", "\"films/short\""));

        Assert.Equal(0, ElectraProgram.Run("evaluate", "--model", Path.Combine(reviews.Runs, "seed-1"), "--data", reviews.Data, "--out", output).Code);
        var first = File.GetLastWriteTimeUtc(Path.Combine(output, "SST-2", "dev.jsonl"));
        var (code, _, errors) = ElectraProgram.Run("evaluate", "--model", other, "--data", reviews.Data, "--out", output);

        Assert.Equal((0, $"figures, errors and calibration: {output}/films-short/report.html\n"), (code, errors));
        Assert.Equal(8, File.ReadLines(Path.Combine(output, "films-short", "dev.jsonl")).Count());
        Assert.Equal(first, File.GetLastWriteTimeUtc(Path.Combine(output, "SST-2", "dev.jsonl")));
        using var figures = JsonDocument.Parse(File.ReadAllText(Path.Combine(output, "evaluation.json")));
        Assert.Equal(["SST-2", "films/short"], figures.RootElement.EnumerateObject().Select(property => property.Name));
    }

    [Fact]
    public void Two_runs_are_compared_on_their_own_data()
    {
        var (code, output, _) = ElectraProgram.Run("evaluate", "--compare", Path.Combine(reviews.Runs, "seed-1"), Path.Combine(reviews.Runs, "seed-1"));

        Assert.Equal(0, code);
        Assert.Contains("difference 0.0000", output);
        Assert.Contains("McNemar", output);
    }

    [Fact]
    public void A_comparison_takes_stored_predictions_where_nothing_has_changed_and_gives_the_same()
    {
        var (first, second) = (Path.Combine(reviews.Runs, "seed-1"), Path.Combine(reviews.Runs, "seed-2"));
        var manifest = Path.Combine(second, "predictions", "manifest.json");
        var text = File.ReadAllText(manifest);

        var (_, stored, note) = ElectraProgram.Run("evaluate", "--compare", first, second);
        File.WriteAllText(manifest, text.Replace("\"model\": \"", "\"model\": \"0"));
        var (_, predicted, other) = ElectraProgram.Run("evaluate", "--compare", first, second);
        File.WriteAllText(manifest, text);

        Assert.Equal(stored, predicted);
        Assert.Equal($"electra: predictions of dev are those stored in {first}/predictions\nelectra: predictions of dev are those stored in {second}/predictions\n", note);
        Assert.Equal($"electra: predictions of dev are those stored in {first}/predictions\n", other);
    }

    [Fact]
    public void An_evaluation_writes_over_an_evaluation_and_over_nothing_else()
    {
        var output = Path.Combine(reviews.Data, "mine");
        Directory.CreateDirectory(output);
        File.WriteAllText(Path.Combine(output, "report.html"), "mine");
        string[] command = ["evaluate", "--model", Path.Combine(reviews.Runs, "seed-1"), "--out", output];

        var (code, _, errors) = ElectraProgram.Run(command);
        Assert.Equal((2, $"electra: {output} is there already, and no evaluation. Give another --out, or --overwrite.\n"), (code, errors));
        Assert.Equal("mine", File.ReadAllText(Path.Combine(output, "report.html")));
        Assert.Equal(0, ElectraProgram.Run([.. command, "--overwrite"]).Code);
        Assert.Equal(0, ElectraProgram.Run(command).Code);

        using var figures = JsonDocument.Parse(File.ReadAllText(Path.Combine(output, "evaluation.json")));
        Assert.Equal(JsonValueKind.Number, figures.RootElement.GetProperty("SST-2").GetProperty("sets").GetProperty("dev").GetProperty("accuracy").ValueKind);
    }
}
