using System.Text.Json;
using Electra.Cli;
using Electra.FineTuning;
using Electra.Numerics;

namespace Electra.Tests.FineTuning;

/// <summary>The commands as the README has them, on invented reviews and a tiny encoder.</summary>
[Collection(TorchCollection.Name)]
public sealed class FineTuningCommandTests(FineTunedReviews reviews) : IClassFixture<FineTunedReviews>
{
    [Fact]
    public void Finetune_prints_each_seed_with_median_mean_and_spread_and_names_the_model()
    {
        Assert.Contains("the most frequent answer alone has 0.5000", reviews.Output);
        Assert.Contains("median", reviews.Output);
        Assert.Contains(Path.Combine("seed-1", "model"), reviews.Output);
        Assert.True(File.Exists(Path.Combine(reviews.Runs, "seed-2", "result.json")));
        Assert.True(File.Exists(Path.Combine(reviews.Runs, "seed-1", "report.html")));
    }

    [Fact]
    public void A_finished_run_is_not_run_again()
    {
        var model = Path.Combine(reviews.Runs, "seed-1", "model", "model.safetensors");
        var written = File.GetLastWriteTimeUtc(model);

        var (code, output, _) = ElectraProgram.Run("finetune", "--resume", reviews.Runs);

        Assert.Equal(0, code);
        Assert.Equal(reviews.Output, output);
        Assert.Equal(written, File.GetLastWriteTimeUtc(model));
    }

    [Theory]
    [InlineData("--seeds", "5"), InlineData("--random-weights"), InlineData("--set-task", "columns.label=1"), InlineData("--set", "run.steps=9"), InlineData("--from", "other"), InlineData("--out", "other")]
    public void Going_on_takes_no_option_that_would_make_another_run(params string[] option)
    {
        var (code, output, errors) = ElectraProgram.Run(["finetune", "--resume", reviews.Runs, .. option]);

        Assert.Equal((2, "", $"electra: --resume takes {option[0]} from the run: leave it out. Another one needs a run of its own, with --out.\n"), (code, output, errors));
    }

    [Theory]
    [InlineData("train"), InlineData("dev")]
    public void Going_on_with_other_examples_is_refused(string set)
    {
        var data = Directory.CreateDirectory(Path.Combine(reviews.Data, $"other-{set}")).FullName;
        InventedTasks.Write("sst2", data);
        File.AppendAllText(Path.Combine(data, $"{set}.tsv"), "my song is good\t1\n");

        var (code, output, errors) = ElectraProgram.Run("finetune", "--resume", reviews.Runs, "--data", data);

        Assert.Equal((2, ""), (code, output));
        Assert.Equal($"electra: {reviews.Runs} was begun on other examples of the set {set}: that would be another run. Give --data as it was then, or begin anew with another --out.\n", errors);
    }

    [Fact]
    public void A_run_keeps_the_task_it_was_begun_with()
    {
        var (task, output) = (Path.Combine(reviews.Data, "task-of-mine.json"), Path.Combine(reviews.Data, "of-mine"));
        File.Copy(InventedTasks.PathOf("sst2"), task);
        string[] start = ["finetune", FineTunedReviews.Recipe, "--data", reviews.Data, "--from", reviews.Encoder, "--out", output, "--set", $"task={task}", "--set", "run.steps=2", "--set", "batch.max_length=32"];
        Assert.Equal(0, ElectraProgram.Run(start).Code);
        File.Delete(task);
        File.Delete(Path.Combine(output, "result.json"));

        var (code, _, errors) = ElectraProgram.Run("finetune", "--resume", output);

        Assert.True(code == 0, errors);
        Assert.True(File.Exists(Path.Combine(output, "result.json")));
    }

    [Fact]
    public void Where_every_run_diverges_all_are_named_and_the_command_fails()
    {
        var output = Path.Combine(reviews.Data, "diverged");

        var (code, table, errors) = ElectraProgram.Run("finetune", FineTunedReviews.Recipe, "--data", reviews.Data, "--from", reviews.Encoder, "--out", output, "--seeds", "2",
            "--set", "run.steps=20", "--set", "batch.max_length=32", "--set", "schedule.peak=1e30", "--set", "precision=float32");

        Assert.Equal(1, code);
        Assert.Contains("1: undefined FAILED  2: undefined FAILED", table);
        Assert.Contains("seed-2 FAILED: Step", table);
        Assert.Contains("electra: none of the 2 runs came to its end.", errors);
        Assert.Contains("none of its 2 runs came to its end", ElectraProgram.Run("predict", "--model", output).Errors);
    }

    [Fact]
    public void Two_runs_and_a_prediction_without_their_processors_bfloat16_say_so_once_each()
    {
        Assert.SkipUnless(Hardware.Describe().ProcessorMultipliesBFloat16 && OperatingSystem.IsLinux(), "This processor has no instruction for bfloat16 that could be forbidden.");
        (string, string)[] environment = [("ONEDNN_MAX_CPU_ISA", "AVX2")];
        var output = Path.Combine(reviews.Data, "forbidden");

        var (code, _, errors) = ElectraProgram.RunWith(
            environment, "finetune", FineTunedReviews.Recipe, "--data", reviews.Data, "--from", reviews.Encoder, "--out", output, "--seeds", "2",
            "--set", "run.steps=1", "--set", "batch.size=8", "--set", "batch.max_length=32");

        const string warning = "electra: ONEDNN_MAX_CPU_ISA=AVX2 forbids the processor's bfloat16 products (unset it for them): float32 is taken instead.";
        Assert.Equal((0, warning), (code, Assert.Single(errors.Split('\n'), line => line.Contains("ONEDNN"))));
        var result = JsonDocument.Parse(File.ReadAllText(Path.Combine(output, "seed-2", "result.json"))).RootElement;
        Assert.EndsWith("Float32, explicit kernels", result.GetProperty("machine").GetString());
        var texts = Path.Combine(reviews.Data, "one.txt");
        File.WriteAllText(texts, "my song is good\n");
        Assert.Equal((0, "1\n", warning + "\n"), ElectraProgram.RunWith(environment, "predict", "--model", Path.Combine(reviews.Runs, "seed-1"), texts));
    }

    [Fact]
    public void Export_keeps_card_and_task_of_a_fine_tuned_model()
    {
        var (model, output) = (Path.Combine(reviews.Runs, "seed-1", "model"), Path.Combine(reviews.Data, "exported"));

        var (code, _, errors) = ElectraProgram.Run("export", model, "--out", output);

        Assert.Equal((0, ""), (code, errors));
        Assert.Equal((0, "1\n0\n", ""), ElectraProgram.RunOn("my song is good\nmy song is bad\n", "predict", "--model", output));
        Assert.Equal(File.ReadAllText(Path.Combine(model, "README.md")), File.ReadAllText(Path.Combine(output, "README.md")));
    }

    [Fact]
    public void Export_and_a_new_fine_tuning_take_the_run_that_is_meant_of_several()
    {
        var exported = Path.Combine(reviews.Data, "exported-run");
        var meant = JsonDocument.Parse(File.ReadAllText(Path.Combine(reviews.Runs, "summary.json"))).RootElement.GetProperty("best_unit").GetString()!;

        Assert.Equal(0, ElectraProgram.Run("export", reviews.Runs, "--out", exported).Code);

        Assert.Equal(File.ReadAllBytes(Path.Combine(reviews.Runs, meant, "model", "model.safetensors")), File.ReadAllBytes(Path.Combine(exported, "model.safetensors")));
        Assert.True(File.Exists(Path.Combine(exported, "task.json")));
        Assert.Equal(InitialEncoder.Open(Path.Combine(reviews.Runs, meant)).MaxLength, InitialEncoder.Open(reviews.Runs).MaxLength);
    }

    [Fact]
    public void With_another_head_a_model_is_none_of_the_task()
    {
        var output = Path.Combine(reviews.Data, "encoder-alone");

        var (code, _, errors) = ElectraProgram.Run("export", Path.Combine(reviews.Runs, "seed-1", "model"), "--out", output, "--architecture", "ElectraModel");

        Assert.Equal(0, code);
        Assert.Contains("its task.json is for another head and is not taken along", errors);
        Assert.False(File.Exists(Path.Combine(output, "task.json")));
    }

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

    [Fact]
    public void The_recipe_of_another_command_is_told_which()
    {
        var recipes = Path.GetDirectoryName(FineTunedReviews.Recipe)!;
        string small = Path.Combine(recipes, "small.json"), task = Path.Combine(recipes, "../tasks/sst2.json");

        Assert.Equal((2, "", $"electra: {FineTunedReviews.Recipe} is a recipe for fine-tuning: electra finetune {FineTunedReviews.Recipe}\n"),
            ElectraProgram.Run("pretrain", FineTunedReviews.Recipe, "--data", "x", "--out", "y"));
        Assert.Equal((2, "", $"electra: {small} is a recipe for pretraining: electra pretrain {small}\n"), ElectraProgram.Run("finetune", small, "--data", "x", "--from", "y", "--out", "z"));
        Assert.Contains($"--set task={task}", ElectraProgram.Run("finetune", task, "--data", "x", "--from", "y", "--out", "z").Errors);
    }

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

    [Theory]
    [InlineData("--set", "batch.sise=3", "Did you mean 'size'?"), InlineData("--seeds", "0", "at least 1 is needed"), InlineData("--set-task", "columns.lable=1", "Did you mean 'label'?")]
    public void A_mistake_is_one_line(string option, string value, string message)
    {
        var (code, _, errors) = ElectraProgram.Run("finetune", FineTunedReviews.Recipe, "--data", reviews.Data, "--from", reviews.Encoder, "--out", Path.Combine(reviews.Data, "never"), option, value);

        Assert.Equal(2, code);
        Assert.Contains(message, errors);
        Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.False(Directory.Exists(Path.Combine(reviews.Data, "never")));
    }

    [Theory]
    [InlineData("sst2", "nowhere", "", "nowhere"), InlineData("squad2", "", "", "train-v2.0.json")]
    [InlineData("sst2", "", "--set-task columns.label=score", "score"), InlineData("sst2", "", "--set batch.max_length=100000", "batch.max_length is 100000")]
    [InlineData("sst2", "", "--set head.kind=joint", "head.kind is joint")]
    public void What_cannot_be_trained_leaves_nothing_behind(string recipe, string folder, string option, string message)
    {
        var output = Path.Combine(reviews.Data, Path.GetRandomFileName());
        var path = Path.Combine(AppContext.BaseDirectory, "recipes", $"{recipe}.json");

        var (code, _, errors) = ElectraProgram.Run(
            ["finetune", path, "--data", Path.Combine(reviews.Data, folder), "--from", reviews.Encoder, "--out", output, "--set", "batch.max_length=32", .. option.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);

        Assert.Equal(2, code);
        Assert.Contains(message, errors);
        Assert.False(Directory.Exists(output));
    }

    [Fact]
    public void A_directory_without_a_fine_tuned_model_is_refused()
    {
        var (code, _, errors) = ElectraProgram.Run("predict", "--model", reviews.Encoder);

        Assert.Equal(2, code);
        Assert.Contains("holds no fine-tuned model: task.json is missing", errors);
    }
}

/// <summary>Two seeds of the SST-2 recipe on invented reviews, trained once by the program itself.</summary>
public sealed class FineTunedReviews : IDisposable
{
    readonly TinyEncoder _encoder = new();

    public FineTunedReviews()
    {
        Directory.CreateDirectory(Data);
        InventedTasks.Write("sst2", Data);
        var (code, output, errors) = ElectraProgram.Run(
            "finetune", Recipe, "--data", Data, "--from", Encoder, "--out", Runs, "--seeds", "2",
            "--set", "run.steps=60", "--set", "batch.size=8", "--set", "batch.max_length=32", "--set", "schedule.peak=3e-3", "--set", "head.encoder_dropout=0", "--set", "precision=float32");
        Output = code == 0 ? output : throw new InvalidOperationException(errors);
    }

    public static string Recipe => Path.Combine(AppContext.BaseDirectory, "recipes", "sst2.json");

    public string Encoder => _encoder.ModelPath;

    public string Data => _encoder["sst2"];

    public string Runs => _encoder["runs"];

    public string Output { get; }

    public void Dispose() => _encoder.Dispose();
}
