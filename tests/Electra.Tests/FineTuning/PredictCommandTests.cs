using System.Text.Json;
using Electra.Cli;

namespace Electra.Tests.FineTuning;

/// <summary><c>electra predict</c>: rows in their order, bad ones in their place.</summary>
[Collection(TorchCollection.Name)]
public sealed class PredictCommandTests(FineTunedReviews reviews) : IClassFixture<FineTunedReviews>
{
    [Fact]
    public void Predictions_keep_the_order_and_a_bad_line_is_reported_with_its_number()
    {
        // 100 lines cross the first windows; one of them is no object.
        var input = Path.Combine(reviews.Data, "new.jsonl");
        File.WriteAllLines(input, Enumerable.Range(1, 100).Select(line => line == 60
            ? "{ no object"
            : $$"""{"id": "{{line}}", "text": "my song is {{string.Concat(Enumerable.Repeat("very ", line % 5))}}{{(line % 3 == 0 ? "bad" : "good")}}"}"""));

        var (code, output, errors) = ElectraProgram.Run("predict", "--model", reviews.Runs, input, "--json");

        Assert.Equal(0, code);
        var rows = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(Enumerable.Range(1, 100), rows.Select(row => row.GetProperty("line").GetInt32()));
        Assert.Equal(Enumerable.Range(1, 100).Where(line => line != 60).Select(line => $"{line}"), rows.Where(row => row.TryGetProperty("id", out _)).Select(row => row.GetProperty("id").GetString()));
        Assert.Equal("""{"line":60,"error":"no valid JSON at byte 2"}""", rows[59].GetRawText());
        Assert.Contains("new.jsonl:60: no valid JSON at byte 2; no prediction\n", errors);
        Assert.Contains("1 of 100 rows have no prediction; an \"error\" keeps their place\n", errors);
    }

    [Fact]
    public void Of_the_answers_alone_a_bad_row_is_an_empty_line()
    {
        var input = Path.Combine(reviews.Data, "three.jsonl");
        File.WriteAllLines(input, ["""{"text": "my song is good"}""", "nonsense", """{"text": "my song is bad"}"""]);

        var (code, output, _) = ElectraProgram.Run("predict", "--model", reviews.Runs, input);

        Assert.Equal((0, "1\n\n0\n"), (code, output));
    }

    [Fact]
    public void A_text_that_is_cut_is_marked_and_counted()
    {
        var words = string.Concat(Enumerable.Repeat(" very", 40)); // the model takes 32 tokens

        var (code, output, errors) = ElectraProgram.RunOn($"my song is good\nmy song is{words} good\n", "predict", "--model", reviews.Runs, "--json");

        Assert.Equal(0, code);
        Assert.Equal([false, true], output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.EndsWith(",\"truncated\":true}", StringComparison.Ordinal)));
        Assert.Equal("electra: 1 of 2 examples was longer than the model's 32 tokens and cut there\n", errors);
    }

    [Fact]
    public void A_strict_prediction_ends_at_the_bad_line_after_what_came_before()
    {
        var input = Path.Combine(reviews.Data, "strict.jsonl");
        File.WriteAllLines(input, [.. Enumerable.Repeat("""{"text": "my song is good"}""", 40), "nonsense"]);

        var (code, output, errors) = ElectraProgram.Run("predict", "--model", reviews.Runs, input, "--strict");

        Assert.Equal(2, code);
        Assert.Equal(40, output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("strict.jsonl:41:", errors);
    }

    [Fact]
    public async Task A_line_from_a_pipe_is_answered_before_the_next_is_written()
    {
        using var program = ElectraProgram.Start("predict", "--model", reviews.Runs, "--format", "jsonl");
        foreach (var (line, answer) in new[] { ("{\"text\": \"my song is good\"}", "1"), ("nonsense", ""), ("{\"text\": \"my song is bad\"}", "0") })
        {
            await program.StandardInput.WriteAsync($"{line}\n");
            await program.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
            Assert.Equal(answer, await program.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken));
        }
        program.StandardInput.Close();
        await program.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, program.ExitCode);
    }

    [Fact]
    public async Task Who_reads_no_more_ends_a_prediction_although_its_input_goes_on()
    {
        using var program = ElectraProgram.Start("predict", "--model", reviews.Runs);
        await program.StandardInput.WriteAsync("my song is good\n");
        await program.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
        Assert.Equal("1", await program.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        program.StandardOutput.Close();
        await program.StandardInput.WriteAsync("my song is bad\n");
        await program.StandardInput.FlushAsync(TestContext.Current.CancellationToken);

        await program.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        Assert.Equal(141, program.ExitCode);
    }

    [Fact]
    public void A_file_in_the_tasks_own_format_is_read_by_the_test_sets_columns()
    {
        var input = Path.Combine(reviews.Data, "official.tsv");
        File.WriteAllText(input, "index\tsentence\n0\tmy song is good\n1\tmy song is bad\n");

        var (code, output, _) = ElectraProgram.Run("predict", "--model", reviews.Runs, input);

        Assert.Equal(0, code);
        Assert.Equal("1\n0\n", output);
    }

    [Theory]
    [InlineData("sst2", "new.txt", "Lines"), InlineData("sst2", "new.jsonl.gz", "Jsonl"), InlineData("sst2", "new.tsv", "Task"), InlineData("sst2", null, "Lines")]
    [InlineData("conll2000", "new.txt", "Task"), InlineData("conll2000", "new.jsonl", "Jsonl"), InlineData("squad2", "new.json", "Task")]
    public void A_file_named_like_the_tasks_own_is_read_like_them(string task, string? path, string format) =>
        Assert.Equal(format, $"{PredictCommand.FormatOf(BundledFiles.LoadTask(task), path)}");

    [Theory]
    [InlineData("data/dev.tsv.gz", null, 3), InlineData("TRAIN.tsv", null, 3), InlineData("mine.tsv", null, -1), InlineData("mine.tsv", "dev", 3), InlineData("dev.tsv", "test", -1), InlineData(null, "train", 3)]
    public void A_file_is_laid_out_as_the_set_of_its_name_or_the_one_that_is_asked_for(string? path, string? set, int place)
    {
        // CoLA's test set has a header, its other files have none.
        var split = PredictCommand.SplitOf(BundledFiles.LoadTask("cola"), PredictCommand.InputFormat.Task, path, set);

        Assert.Equal(place < 0 ? "sentence" : null, (split.Columns ?? BundledFiles.LoadTask("cola").Columns)!.Text!.Value.Name);
        Assert.False(split.HasLabels);
    }

    [Fact]
    public void A_set_is_of_the_tasks_own_format() => Assert.Equal((2, "", "electra: --split dev is about the task's own format: leave --format jsonl out.\n"),
        ElectraProgram.Run("predict", "--model", reviews.Runs, "--split", "dev", "--format", "jsonl"));

    [Fact]
    public void Where_no_row_can_be_read_the_command_fails()
    {
        var (code, output, errors) = ElectraProgram.RunOn("nonsense\n[]\n", "predict", "--model", reviews.Runs, "--format", "jsonl");

        Assert.Equal((2, "\n\n"), (code, output));
        Assert.Contains("2 of 2 rows have no prediction", errors);
    }

    [Fact]
    public void A_model_whose_weights_are_no_numbers_predicts_nothing()
    {
        var model = Path.Combine(reviews.Data, "damaged");
        Assert.Equal(0, ElectraProgram.Run("export", Path.Combine(reviews.Runs, "seed-1"), "--out", model).Code);
        var weights = Path.Combine(model, "model.safetensors");
        var bytes = File.ReadAllBytes(weights);
        var headerLength = (int)BitConverter.ToInt64(bytes);
        bytes.AsSpan(sizeof(long) + headerLength).Fill(0xff); // NaN in every float
        File.WriteAllBytes(weights, bytes);

        var (code, output, errors) = ElectraProgram.RunOn("my song is good\n", "predict", "--model", model);
        Assert.Equal((2, ""), (code, output));
        Assert.Contains("holds values that are no finite numbers. The file is damaged, or the training that made it diverged.", errors);
        Assert.Equal(2, ElectraProgram.Run("evaluate", "--model", model, "--data", reviews.Data).Code);
    }

    [Fact]
    public void A_directory_without_a_fine_tuned_model_is_refused()
    {
        var (code, _, errors) = ElectraProgram.Run("predict", "--model", reviews.Encoder);

        Assert.Equal(2, code);
        Assert.Contains("holds no fine-tuned model: task.json is missing", errors);
    }
}
