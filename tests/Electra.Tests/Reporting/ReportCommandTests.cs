using Electra.Tests.Evaluation;

namespace Electra.Tests.Reporting;

public sealed class ReportCommandTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public ReportCommandTests()
    {
        foreach (var run in new[] { "a", "b" })
        {
            Directory.CreateDirectory(_folder[run]);
            _folder.Write($"{run}/metrics.jsonl", "{\"step\":1,\"kind\":\"train\",\"loss\":3}\n");
        }
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_runs_report_lies_in_its_directory()
    {
        var (code, output, _) = ElectraProgram.Run("report", _folder["a"]);

        Assert.Equal((0, _folder["a/report.html"]), (code, output.Trim()));
        Assert.True(File.Exists(_folder["a/report.html"]));
    }

    [Fact]
    public void Several_runs_share_the_page_asked_for()
    {
        var (code, output, _) = ElectraProgram.Run("report", _folder["a"], _folder["b"], "--out", _folder["both.html"], "--title", "A and B");

        Assert.Equal((0, _folder["both.html"]), (code, output.Trim()));
        Assert.Contains("<h1>A and B</h1>", File.ReadAllText(_folder["both.html"]));
    }

    [Fact]
    public void A_report_is_written_over_a_report_and_over_nothing_else()
    {
        _folder.Write("mine.html", "mine");

        Assert.Equal((2, "", $"electra: {_folder["mine.html"]} is there already, and no report of this program. Give another --out, or --overwrite.\n"),
            ElectraProgram.Run("report", _folder["a"], "--out", _folder["mine.html"]));
        Assert.Equal("mine", File.ReadAllText(_folder["mine.html"]));
        Assert.Equal(0, ElectraProgram.Run("report", _folder["a"], "--out", _folder["mine.html"], "--overwrite").Code);
        Assert.Equal(0, ElectraProgram.Run("report", _folder["a"], "--out", _folder["mine.html"]).Code);
    }

    [Fact]
    public void Several_runs_without_a_page_are_the_users_mistake()
    {
        var (code, _, errors) = ElectraProgram.Run("report", _folder["a"], _folder["b"]);

        Assert.Equal(2, code);
        Assert.Contains("--out FILE", Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
    }

    [Fact]
    public void A_run_that_is_not_there_is_the_users_mistake()
    {
        var (code, _, errors) = ElectraProgram.Run("report", _folder["c"]);

        Assert.Equal(2, code);
        Assert.Contains(_folder["c"], Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
    }

    [Fact]
    public void A_folder_that_is_no_run_is_the_users_mistake_and_stays_as_it_was()
    {
        Directory.CreateDirectory(_folder["c"]);
        Assert.Equal((2, "", $"electra: {_folder["c"]}: no metrics.jsonl; a directory made by 'electra pretrain' or 'electra finetune' has one.\n"), ElectraProgram.Run("report", _folder["c"]));
        Assert.Empty(Directory.GetFiles(_folder["c"]));
    }

    [Fact]
    public void A_damaged_line_of_the_log_costs_no_more_than_itself()
    {
        File.AppendAllText(_folder["a/metrics.jsonl"], "noise\n{\"step\":2,\"kind\":\"train\",\"loss\":2}\n");

        var (code, _, errors) = ElectraProgram.Run("report", _folder["a"]);

        Assert.Equal((0, $"warning: {_folder["a/metrics.jsonl"]}: line 2 is no line of metrics and is passed over: it must begin with \"step\" and a whole number.\n"), (code, errors));
        Assert.Contains("after step 2; 1 unreadable line of the log left out", File.ReadAllText(_folder["a/report.html"]));
    }
}
