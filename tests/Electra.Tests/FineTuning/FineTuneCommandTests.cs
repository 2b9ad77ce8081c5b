using System.Text.Json;
using Electra.Numerics;

namespace Electra.Tests.FineTuning;

/// <summary><c>electra finetune</c> as the README has it, on invented reviews and a tiny encoder.</summary>
[Collection(TorchCollection.Name)]
public sealed class FineTuneCommandTests(FineTunedReviews reviews) : IClassFixture<FineTunedReviews>
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
    public void The_recipe_of_another_command_is_told_which()
    {
        var recipes = Path.GetDirectoryName(FineTunedReviews.Recipe)!;
        string small = Path.Combine(recipes, "small.json"), task = Path.Combine(recipes, "../tasks/sst2.json");

        Assert.Equal((2, "", $"electra: {FineTunedReviews.Recipe} is a recipe for fine-tuning: electra finetune {FineTunedReviews.Recipe}\n"),
            ElectraProgram.Run("pretrain", FineTunedReviews.Recipe, "--data", "x", "--out", "y"));
        Assert.Equal((2, "", $"electra: {small} is a recipe for pretraining: electra pretrain {small}\n"), ElectraProgram.Run("finetune", small, "--data", "x", "--from", "y", "--out", "z"));
        Assert.Contains($"--set task={task}", ElectraProgram.Run("finetune", task, "--data", "x", "--from", "y", "--out", "z").Errors);
    }

    [Theory]
    [InlineData("--set", "batch.sise=3", "Did you mean 'size'?"), InlineData("--seeds", "0", "at least 1 is needed"), InlineData("--set-task", "columns.lable=1", "Did you mean 'label'?")]
    [InlineData("--set", "batch.size=8.5", "a whole number or a list of whole numbers is expected"), InlineData("--set", "schedule.peak=NaN", "a number or a list of numbers is expected")]
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
}
