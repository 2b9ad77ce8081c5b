using System.Diagnostics;
using System.Text.Json.Nodes;
using Electra.Corpus;
using Electra.Pretraining;
using Electra.Training;

namespace Electra.Tests.Pretraining;

/// <summary>Runs of the real program, killed and resumed, and of the loop inside this process.</summary>
[Collection("torch")]
public sealed class PretrainerTests(TinyDataset data) : IClassFixture<TinyDataset>
{
    static readonly string[] Times = ["tokens_per_second", "utilisation", "elapsed_seconds"];

    sealed class Messages : IProgress<PretrainingProgress>
    {
        public List<string> Texts { get; } = [];

        public Action<PretrainingProgress>? OnReport { get; init; }

        public void Report(PretrainingProgress value)
        {
            if (value.Message is not null) Texts.Add(value.Message);
            OnReport?.Invoke(value);
        }
    }

    PretrainingRecipe Recipe(params string[] overrides) => RecipeFile.Load(data.RecipePath, PretrainingJson.Default.PretrainingRecipe, overrides);

    string Train(string name, params string[] overrides)
    {
        using var dataset = TokenizedDataset.Open(data.DatasetPath);
        using var pretrainer = Pretrainer.Start(Recipe(overrides), dataset, data[name], new Messages());
        Assert.True(pretrainer.Run(CancellationToken.None));
        return data[name];
    }

    bool Resume(string run, IProgress<PretrainingProgress> progress, params string[] overrides)
    {
        var directory = RunDirectory.Open(run);
        using var dataset = TokenizedDataset.Open(data.DatasetPath);
        using var pretrainer = Pretrainer.Resume(directory, directory.ReadRecipe(overrides), dataset, progress);
        return pretrainer.Run(CancellationToken.None);
    }

    static List<string> Metrics(string run) => [.. File.ReadLines(Path.Combine(run, "metrics.jsonl")).Select(line =>
    {
        var entry = JsonNode.Parse(line)!.AsObject();
        foreach (var name in Times) entry.Remove(name);
        return entry.ToJsonString();
    })];

    static void AssertSameRun(string expected, string actual)
    {
        Assert.Equal(Metrics(expected), Metrics(actual));
        foreach (var file in (string[])["model/discriminator/model.safetensors", "model/generator/model.safetensors", "checkpoints/step-30/training/optimizer.safetensors"])
            Assert.True(File.ReadAllBytes(Path.Combine(expected, file)).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(actual, file))), file);
    }

    [Fact]
    public void A_run_leaves_everything_it_promises()
    {
        var run = Train("complete");

        foreach (var file in (string[])["recipe.json", "manifest.json", "metrics.jsonl", "report.html", "model/discriminator/config.json", "model/discriminator/vocab.txt",
            "model/discriminator/tokenizer.json", "model/generator/model.safetensors", "checkpoints/step-30/checksums.txt", "checkpoints/step-30/training/state.json"])
            Assert.True(File.Exists(Path.Combine(run, file)), file);
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(run, "tensorboard")));
        Assert.Equal(["step-28", "step-30"], Directory.GetDirectories(Path.Combine(run, "checkpoints")).Select(Path.GetFileName).Order());
        var metrics = Metrics(run);
        Assert.Equal(10, metrics.Count(line => line.Contains("\"train\"")));
        Assert.Equal(4, metrics.Count(line => line.Contains("\"evaluation\""))); // at 0, 10, 20 and 30
    }

    [Fact]
    public void A_run_killed_several_times_and_resumed_equals_one_that_was_not()
    {
        var reference = Train("unkilled");
        var run = data["killed"];
        string[] arguments = ["pretrain", data.RecipePath, "--data", data.DatasetPath, "--out", run];
        var (numKills, isComplete) = (0, false);
        for (var attempt = 0; attempt < 40 && !isComplete; attempt++)
        {
            using var process = Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Electra.Cli"), arguments)
            {
                RedirectStandardError = true,
                RedirectStandardOutput = true,
            })!;
            var lines = 0;
            // Killed after one, two, three ... log lines: within a step, a checkpoint, an evaluation, as it comes.
            while (process.StandardError.ReadLine() is not null)
                if (++lines == 2 + attempt && numKills < 4)
                {
                    process.Kill();
                    numKills++;
                }
            process.WaitForExit();
            isComplete = process.ExitCode == 0;
            if (Directory.Exists(run)) arguments = ["pretrain", "--resume", run];
        }

        Assert.True(isComplete);
        Assert.Equal(4, numKills);
        AssertSameRun(reference, run);
    }

    [Fact]
    public void A_cancelled_run_saves_its_last_whole_step_and_resumes_to_the_same_end()
    {
        var reference = Train("uncancelled");
        using var source = new CancellationTokenSource();
        using (var dataset = TokenizedDataset.Open(data.DatasetPath))
        using (var pretrainer = Pretrainer.Start(Recipe(), dataset, data["cancelled"], new Messages { OnReport = progress => { if (progress.Step == 13) source.Cancel(); } }))
            Assert.False(pretrainer.Run(source.Token));

        Assert.True(Directory.Exists(Path.Combine(data["cancelled"], "checkpoints", "step-13")));
        Assert.True(Resume(data["cancelled"], new Messages()));
        AssertSameRun(reference, data["cancelled"]);
    }

    [Fact]
    public void A_damaged_checkpoint_is_passed_over_with_a_warning()
    {
        var run = Train("damaged");
        var reference = Train("undamaged");
        File.WriteAllBytes(Path.Combine(run, "checkpoints/step-30/training/optimizer.safetensors"), [1, 2, 3]);

        var messages = new Messages();
        Assert.True(Resume(run, messages));

        Assert.Contains(messages.Texts, text => text.Contains("step-30 is damaged (training/optimizer.safetensors does not fit its checksum)"));
        AssertSameRun(reference, run);
    }

    [Fact]
    public void A_damaged_line_of_the_log_does_not_keep_a_run_from_going_on()
    {
        var run = Train("damaged-log", "run.steps=8");
        var log = Path.Combine(run, "metrics.jsonl");
        var lines = File.ReadAllLines(log);
        lines[1] = lines[1][..20];
        File.WriteAllLines(log, lines);

        var messages = new Messages();
        Assert.True(Resume(run, messages, "run.steps=10"));

        Assert.Contains(messages.Texts, text => text.EndsWith("metrics.jsonl: line 2 is no line of metrics and is passed over: it is no JSON object."));
        Assert.Equal(lines, File.ReadAllLines(log)[..lines.Length]);
        Assert.Contains("1 unreadable line of the log", File.ReadAllText(Path.Combine(run, "report.html")));
    }

    [Theory]
    [InlineData("batch.size=16", "batch"), InlineData("schedule.peak=1", "schedule"), InlineData("objective.discriminator_weight=1", "objective")]
    public void A_recipe_that_would_be_another_run_is_refused_on_resume(string change, string section)
    {
        var run = data["complete-for-refusal"];
        if (!Directory.Exists(run)) Train("complete-for-refusal", "run.steps=4");

        Assert.Contains($"section '{section}' changed", Assert.Throws<InvalidDataException>(() => Resume(run, new Messages(), change)).Message);
    }

    [Fact]
    public void More_steps_and_another_micro_batch_are_accepted_with_a_warning()
    {
        var run = Train("longer", "run.steps=4");
        var messages = new Messages();

        Assert.True(Resume(run, messages, "run.steps=6", "batch.micro_batch=8"));

        Assert.Contains(messages.Texts, text => text.Contains("batch.micro_batch, precision or run.*"));
        Assert.True(Directory.Exists(Path.Combine(run, "checkpoints", "step-6")));
    }

    [Fact]
    public void Fewer_steps_than_a_run_has_done_are_refused_and_change_nothing()
    {
        var run = Train("shorter", "run.steps=4");
        var recipe = File.ReadAllText(Path.Combine(run, "recipe.json"));

        Assert.Equal("run.steps is 3, the run has done 4 already. Give it more.", Assert.Throws<InvalidDataException>(() => Resume(run, new Messages(), "run.steps=3")).Message);
        Assert.Equal(recipe, File.ReadAllText(Path.Combine(run, "recipe.json")));
    }

    [Fact]
    public void Another_dataset_is_refused_on_resume()
    {
        var run = Train("other-data", "run.steps=2");
        var other = data["other-dataset"];
        File.WriteAllText(data["other.txt"], string.Join("\n\n", Enumerable.Range(0, 400).Select(i => $"The cat number {i} sat on the mat. It slept there all day long.")));
        new TokenizedDatasetBuilder(Electra.Tokenization.TokenizerDirectory.Load(Path.Combine(data.DatasetPath, "tokenizer")), new DatasetOptions(0.1)).Build([data["other.txt"]], other, cancellation: CancellationToken.None);

        var directory = RunDirectory.Open(run);
        using var dataset = TokenizedDataset.Open(other);
        Assert.Contains("another dataset", Assert.Throws<InvalidDataException>(() => Pretrainer.Resume(directory, directory.ReadRecipe(), dataset, new Messages())).Message);
    }

    [Fact]
    public void A_run_without_a_usable_checkpoint_is_not_begun_anew()
    {
        var run = Train("no-checkpoint", "run.steps=8");
        Directory.Delete(Path.Combine(run, "checkpoints"), recursive: true);

        Assert.Contains("no usable checkpoint", Assert.Throws<InvalidDataException>(() => Resume(run, new Messages())).Message);
        Assert.True(File.Exists(Path.Combine(run, "model", "discriminator", "model.safetensors")));
    }

    [Fact]
    public void A_second_process_on_one_run_is_refused()
    {
        var run = Train("locked", "run.steps=2");
        using var held = RunDirectory.Open(run).Lock();

        Assert.Contains("in use by another process", Assert.Throws<InvalidDataException>(() => Resume(run, new Messages())).Message);
    }

    [Fact]
    public void A_damaged_dataset_is_refused_before_any_step()
    {
        var damaged = data["damaged-dataset"];
        foreach (var file in Directory.GetFiles(data.DatasetPath, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(damaged, Path.GetRelativePath(data.DatasetPath, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
        using (var tokens = File.OpenWrite(Path.Combine(damaged, "training", "tokens.bin"))) tokens.Write(new byte[200]);

        using var dataset = TokenizedDataset.Open(damaged);
        var exception = Assert.Throws<InvalidDataException>(() => Pretrainer.Start(Recipe(), dataset, data["never"], new Messages()));

        Assert.Contains("tokens.bin", exception.Message);
        Assert.False(Directory.Exists(data["never"]));
    }

    [Fact]
    public void An_existing_output_is_refused()
    {
        var run = Train("taken", "run.steps=2");
        using var dataset = TokenizedDataset.Open(data.DatasetPath);

        Assert.Contains("is there already", Assert.Throws<InvalidDataException>(() => Pretrainer.Start(Recipe(), dataset, run, new Messages())).Message);
    }

    [Fact]
    public void A_rate_that_blows_up_skips_steps_and_stops_after_ten_naming_the_step()
    {
        using var dataset = TokenizedDataset.Open(data.DatasetPath);
        var messages = new Messages();
        using var pretrainer = Pretrainer.Start(Recipe("schedule.peak=1e30", "schedule.warmup_steps=0"), dataset, data["blown-up"], messages);

        var exception = Assert.Throws<ArithmeticException>(() => pretrainer.Run(CancellationToken.None));

        Assert.Contains("tenth in a row", exception.Message);
        Assert.True(messages.Texts.Count(text => text.Contains("the update is left out")) >= 9);
    }

    [Fact]
    public void A_signal_saves_and_exits_with_its_number()
    {
        var run = data["signalled"];
        using var process = Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Electra.Cli"),
            ["pretrain", data.RecipePath, "--data", data.DatasetPath, "--out", run, "--set", "run.steps=100000", "--set", "run.save_every=100000", "--set", "run.evaluate_every=0"])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        while (process.StandardError.ReadLine() is { } line && !line.StartsWith("step       6", StringComparison.Ordinal)) { }
        using (var kill = Process.Start("bash", ["-c", $"kill -TERM {process.Id}"])) kill.WaitForExit();
        var rest = process.StandardError.ReadToEnd();
        process.WaitForExit();

        Assert.Equal(128 + 15, process.ExitCode);
        Assert.Contains("--resume", rest);
        Assert.Single(Directory.GetDirectories(Path.Combine(run, "checkpoints")));
    }
}
