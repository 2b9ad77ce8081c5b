using System.Text.Json.Nodes;
using Electra.Checkpoints;
using Electra.Corpus;
using Electra.Model;
using Electra.Pretraining;
using Electra.Reporting;
using Electra.Training;

namespace Electra.Tests.Pretraining;

/// <summary>Runs of every recipe in miniature: the loop, its checkpoints and its log are the same for all objectives.</summary>
[Collection("torch")]
public sealed class ObjectiveRunsTests(TinyDataset data) : IClassFixture<TinyDataset>
{
    static readonly string[] Times = ["tokens_per_second", "utilisation", "elapsed_seconds"];

    /// <summary>Sizes at which 200 steps take a moment.</summary>
    static readonly string[] Tiny =
    [
        "model.embedding_size=32", "model.hidden_size=32", "model.num_layers=1", "model.num_attention_heads=1", "model.intermediate_size=64",
        "model.max_position_embeddings=64", "model.hidden_dropout=0", "model.attention_dropout=0", "model.initializer_range=0.1",
        "batch.size=8", "batch.length=32", "batch.micro_batch=8", "schedule.peak=3e-3", "schedule.warmup_steps=20", "precision=float32",
        "run.steps=200", "run.save_every=1000", "run.log_every=10", "run.evaluate_every=0", "run.evaluation_tokens=2000",
    ];

    static readonly string[] TinyPhases = ["phases=[{\"share\":0.9,\"length\":32},{\"share\":0.1,\"length\":64,\"micro_batch\":4}]"];

    static string[] TinyGenerator(GeneratorConfig generator) => generator switch
    {
        { Sharing: GeneratorSharing.Everything } => Generator(32, 64, 0),
        { EmbeddingSize: > 0 } => Generator(16, 32, 32),
        _ => Generator(16, 32, 0),
    };

    static string[] Generator(int width, int intermediate, int embedding) =>
    [
        $"model.generator.hidden_size={width}", "model.generator.num_layers=1", "model.generator.num_attention_heads=1",
        $"model.generator.intermediate_size={intermediate}", $"model.generator.embedding_size={embedding}",
    ];

    sealed class Progress : IProgress<PretrainingProgress>
    {
        public List<string> Texts { get; } = [];

        public Action<PretrainingProgress>? OnReport { get; init; }

        public void Report(PretrainingProgress value)
        {
            if (value.Message is not null) Texts.Add(value.Message);
            OnReport?.Invoke(value);
        }
    }

    public static IEnumerable<TheoryDataRow<string>> Recipes() =>
        Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "recipes"), "*.json", SearchOption.AllDirectories)
            .Where(path => !File.ReadAllText(path).Contains("\"task\"", StringComparison.Ordinal)) // those with a task are for fine-tuning
            .Select(path => Path.GetRelativePath(Path.Combine(AppContext.BaseDirectory, "recipes"), path)[..^".json".Length])
            .Where(name => name is not ("quickstart" or "adapt" or "large" or "wikipedia"))
            .Order().Select(name => new TheoryDataRow<string>(name));

    static PretrainingRecipe Recipe(string name, params string[] overrides)
    {
        var path = Path.Combine(AppContext.BaseDirectory, "recipes", $"{name}.json");
        var recipe = RecipeFile.Load(path, PretrainingJson.Default.PretrainingRecipe);
        return RecipeFile.Load(path, PretrainingJson.Default.PretrainingRecipe,
            [.. Tiny, .. recipe.Phases is null ? [] : TinyPhases, .. recipe.Model.Generator is null ? [] : TinyGenerator(recipe.Model.Generator), .. overrides]);
    }

    string DatasetOf(PretrainingRecipe recipe) => recipe.Model.Family == EncoderFamily.Roberta ? data.BytePairDatasetPath : data.DatasetPath;

    string Train(string name, PretrainingRecipe recipe, InitialModel? initial = null)
    {
        using var dataset = TokenizedDataset.Open(DatasetOf(recipe));
        using var pretrainer = Pretrainer.Start(recipe, dataset, data[name], new Progress(), initial);
        Assert.True(pretrainer.Run(CancellationToken.None));
        return data[name];
    }

    static bool Resume(string run, params string[] overrides)
    {
        var directory = RunDirectory.Open(run);
        using var dataset = TokenizedDataset.Open(directory.ReadManifest().Dataset);
        using var pretrainer = Pretrainer.Resume(directory, directory.ReadRecipe(overrides), dataset, new Progress());
        return pretrainer.Run(CancellationToken.None);
    }

    static List<string> Metrics(string run) => [.. File.ReadLines(Path.Combine(run, "metrics.jsonl")).Select(line =>
    {
        var entry = JsonNode.Parse(line)!.AsObject();
        foreach (var name in Times) entry.Remove(name);
        return entry.ToJsonString();
    })];

    static IReadOnlyList<double> Figures(string run, string kind, string name) =>
        [.. MetricsLog.Read(Path.Combine(run, "metrics.jsonl")).Where(entry => entry.Kind == kind).Select(entry => entry.Values[name])];

    [Theory]
    [MemberData(nameof(Recipes))]
    public void Every_recipe_learns_in_200_steps(string name)
    {
        var run = Train($"learns-{name.Replace('/', '-')}", Recipe(name));

        // A weight that rises makes the sum of losses rise: then the generator's counts.
        var losses = Figures(run, MetricsEntry.Train, name == "ablations/discriminator-warmup" ? "generator_loss" : "loss");
        Assert.True(losses.TakeLast(5).Average() < 0.97 * losses.Take(2).Average(), string.Join(" ", losses.Select(loss => $"{loss:F2}")));
        var heldOut = Figures(run, MetricsEntry.Evaluation, "loss");
        Assert.True(heldOut[1] < heldOut[0], $"{heldOut[0]:F3} before, {heldOut[1]:F3} after");
    }

    [Theory]
    [InlineData("bert-base", new string[0])]
    [InlineData("roberta-small", new[] { "batch.ramp_from=2", "batch.ramp_share=0.6", "batch.micro_batch=3" })]
    [InlineData("bert-small", new[] { "run.budget_flops=1.2e9", "objective.masking.static_copies=2" })]
    public void An_interrupted_run_equals_one_that_was_not(string name, string[] overrides)
    {
        var recipe = Recipe(name, ["model.hidden_dropout=0.1", "model.attention_dropout=0.1", "run.steps=20", "run.evaluate_every=7", .. overrides]);
        var whole = Train($"whole-{name}", recipe);
        foreach (var stop in (long[])[5, 18]) // within the first phase, and between the two
        {
            var run = data[$"interrupted-{name}-{stop}"];
            using var source = new CancellationTokenSource();
            using (var dataset = TokenizedDataset.Open(DatasetOf(recipe)))
            using (var pretrainer = Pretrainer.Start(recipe, dataset, run, new Progress { OnReport = progress => { if (progress.Step == stop) source.Cancel(); } }))
                Assert.False(pretrainer.Run(source.Token));

            Assert.True(Resume(run));
            Assert.Equal(Metrics(whole), Metrics(run));
            Assert.Equal(File.ReadAllBytes(Path.Combine(whole, "model", "model.safetensors")), File.ReadAllBytes(Path.Combine(run, "model", "model.safetensors")));
        }
    }

    [Fact]
    public void A_killed_BERT_goes_on_as_if_nothing_had_happened()
    {
        var recipe = Recipe("bert-base", "run.steps=16", "run.log_every=1", "run.save_every=4");
        var whole = Train("unkilled-bert", recipe);
        File.WriteAllText(data["bert.json"], System.Text.Json.JsonSerializer.Serialize(recipe, PretrainingJson.Default.PretrainingRecipe));
        string[] arguments = ["pretrain", data["bert.json"], "--data", data.DatasetPath, "--out", data["killed-bert"]];
        var start = new System.Diagnostics.ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Electra.Cli"), arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        using (var process = System.Diagnostics.Process.Start(start)!)
        {
            while (process.StandardError.ReadLine() is { } line && !line.StartsWith("step      10", StringComparison.Ordinal)) { }
            process.Kill();
            process.WaitForExit();
        }

        Assert.True(Resume(data["killed-bert"]));
        Assert.Equal(Metrics(whole), Metrics(data["killed-bert"]));
        Assert.Equal(File.ReadAllBytes(Path.Combine(whole, "model", "model.safetensors")), File.ReadAllBytes(Path.Combine(data["killed-bert"], "model", "model.safetensors")));
    }

    [Fact]
    public void A_model_without_generator_is_saved_as_one_directory_that_loads()
    {
        var run = Train("bert-directory", Recipe("bert-small", "run.steps=2"));

        Assert.True(File.Exists(Path.Combine(run, "checkpoints", "step-2", "model", "model.safetensors")));
        using var model = ModelDirectory.Load(Path.Combine(run, "model"));
        Assert.Equal("BertForPreTraining", model.Network.Config.Architecture.Name);
        Assert.Empty(model.Report.Lines());
        Assert.True(File.Exists(Path.Combine(run, "model", "vocab.txt")));
    }

    [Fact]
    public void A_budget_ends_a_run_with_the_step_that_reaches_it_and_pays_for_no_other()
    {
        var run = Train("budget", Recipe("bert-small", "run.budget_flops=1e9"));

        var spent = Figures(run, MetricsEntry.Evaluation, "flops");
        var last = MetricsLog.Read(Path.Combine(run, "metrics.jsonl")).Last();
        Assert.InRange(spent[^1], 1e9, 1e9 * (1 + 1.5 / last.Step));
        Assert.InRange(Figures(run, MetricsEntry.Train, "learning_rate")[^1], 0, 3e-3 * 2 / last.Step); // decayed to the end
        Assert.Contains($"after step {last.Step:N0}<", File.ReadAllText(Path.Combine(run, "report.html")));

        Assert.Contains("run.budget_flops 5e+08 is spent", Assert.Throws<InvalidDataException>(() => Resume(run, "run.budget_flops=5e8")).Message);
        Assert.True(Resume(run, "run.budget_flops=1.2e9"));
        Assert.InRange(Figures(run, MetricsEntry.Evaluation, "flops")[^1], 1.2e9, 1.3e9);
    }

    [Fact]
    public void A_budget_of_minutes_ends_a_run_in_time()
    {
        var run = Train("minutes", Recipe("roberta-small", "run.budget_minutes=0.005"));

        Assert.InRange(Figures(run, MetricsEntry.Evaluation, "elapsed_seconds")[^1], 0.3, 60);
        Assert.InRange(Figures(run, MetricsEntry.Train, "learning_rate")[^1], 0, 3e-3);
    }

    [Fact]
    public void Later_phases_have_longer_rows()
    {
        var run = Train("phases", Recipe("bert-base", "run.steps=20", "run.log_every=1"));

        var tokens = Figures(run, MetricsEntry.Train, "tokens_seen");
        Assert.InRange(tokens[17], 17 * 8 * 20, 18 * 8 * 32);
        Assert.True((tokens[19] - tokens[17]) / 2 > 1.5 * tokens[17] / 18, $"{tokens[17] / 18:F0} tokens a step, then {(tokens[19] - tokens[17]) / 2:F0}");
    }

    [Fact]
    public void Masked_language_models_see_the_loss_of_one_token_in_seven()
    {
        var run = Train("share", Recipe("roberta-small", "run.steps=10"));

        Assert.All(Figures(run, MetricsEntry.Train, "loss_token_share"), share => Assert.InRange(share, 0.13, 0.17));
        Assert.All(Figures(run, MetricsEntry.Evaluation, "mlm_accuracy"), share => Assert.InRange(share, 0, 1));
    }

    [Fact]
    public void A_run_continues_a_BERT_model_with_its_sizes()
    {
        var first = Train("bert-first", Recipe("bert-small", "run.steps=3"));
        var recipe = Recipe("bert-small", "run.steps=2", "model.hidden_size=64", "model.embedding_size=64");

        var second = Train("bert-second", recipe, InitialModel.Open(Path.Combine(first, "model")));

        Assert.Equal(File.ReadAllBytes(Path.Combine(first, "model", "model.safetensors")), File.ReadAllBytes(Path.Combine(second, "checkpoints", "step-0", "model", "model.safetensors")));
        Assert.Equal(32, RunDirectory.Open(second).ReadRecipe().Model.HiddenSize);
        Assert.Contains("continues ELECTRA models", Assert.Throws<InvalidDataException>(() => InitialModel.Open(Path.Combine(first, "model")).Adapt(Recipe("small"))).Message);
    }

    [Fact]
    public void Runs_of_different_objectives_share_one_report()
    {
        var bert = Train("report-bert", Recipe("bert-small", "run.steps=4"));
        var electra = Train("report-electra", Recipe("small", "run.steps=4"));

        ComparisonReport.Write([bert, electra], data["comparison.html"]);

        var html = File.ReadAllText(data["comparison.html"]);
        foreach (var label in (string[])["Masked token accuracy", "Next sentence accuracy", "Discriminator AUC", "FLOPs"]) Assert.Contains(label, html);
        Assert.Contains("Masked token accuracy", File.ReadAllText(Path.Combine(bert, "report.html")));
    }

    [Fact]
    public void Documents_of_one_sentence_are_refused_by_next_sentence_prediction_before_a_run_is_made()
    {
        File.WriteAllText(data["single.txt"], string.Join("\n\n", Enumerable.Range(0, 300).Select(i => $"Sentence number {i} stands alone")));
        new TokenizedDatasetBuilder(Electra.Tokenization.TokenizerDirectory.Load(Path.Combine(data.DatasetPath, "tokenizer")), new DatasetOptions(0.1))
            .Build([data["single.txt"]], data["single-dataset"], cancellation: CancellationToken.None);

        using var dataset = TokenizedDataset.Open(data["single-dataset"]);
        var refusal = Assert.Throws<InvalidDataException>(() => Pretrainer.Start(Recipe("bert-small"), dataset, data["single-run"], new Progress()));

        Assert.Contains("training split: Sentence pairs need documents of several sentences", refusal.Message);
        Assert.False(Directory.Exists(data["single-run"]));
    }

    [Fact]
    public void Static_masks_come_again_with_their_examples_and_dynamic_ones_do_not()
    {
        using var dataset = TokenizedDataset.Open(data.DatasetPath);
        var tokenizer = Electra.Tokenization.TokenizerDirectory.Load(dataset.TokenizerDirectory);

        HashSet<string> MasksOf(int epoch, int copies)
        {
            var recipe = Recipe("bert-small", $"objective.masking.static_copies={copies}");
            var text = new PretrainingText(recipe, new RunPlan(recipe), dataset, tokenizer);
            var (rows, _) = text.Batches[0].Read(new DataPosition(epoch, 0), 300);
            return [.. rows.Select(row => $"{string.Join(',', row.Ids)}: {string.Join(',', row.Positions)} {string.Join(',', row.Shown)}")];
        }

        // Another order takes other examples, but of those that come in both most are the same.
        Assert.True(MasksOf(0, copies: 2).Overlaps(MasksOf(2, copies: 2)));
        Assert.False(MasksOf(0, copies: 2).Overlaps(MasksOf(1, copies: 2)));
        Assert.False(MasksOf(0, copies: 0).Overlaps(MasksOf(2, copies: 0)));
        Assert.Equal(MasksOf(5, copies: 0), MasksOf(5, copies: 0)); // a pure function of seed, epoch and index
    }
}
