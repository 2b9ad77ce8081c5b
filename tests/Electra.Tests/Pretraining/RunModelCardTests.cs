using Electra.Objectives;
using Electra.Pretraining;
using Electra.Reporting;
using Electra.Tests.Evaluation;
using Electra.Training;

namespace Electra.Tests.Pretraining;

public sealed class RunModelCardTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_card_of_a_checkpoint_tells_its_step_data_and_last_figures()
    {
        var run = CreateRun();
        var card = RunModelCard.Find(Path.Combine(run.Path, "checkpoints", "step-200", "discriminator"), "cc0-1.0")!;
        Assert.Equal("law: discriminator", card.Title);
        Assert.Equal(200, card.Steps);
        Assert.Equal("law-reports (dataset abc)", card.Data);   // the name, not the place
        Assert.Equal("0.7000", card.Figures!["Replaced token detection, AUC on held-out text"]);
        Assert.Equal("cc0-1.0", card.License);
        Assert.Equal("random weights", card.BaseModel);
    }

    [Theory]
    [InlineData("runs/wiki/model/discriminator", "wiki")]
    [InlineData("model", "model")]
    public void The_card_of_a_continued_run_names_what_it_began_from(string from, string name)
    {
        var card = RunModelCard.Find(Path.Combine(CreateRun(from).Path, "model", "discriminator"), license: null)!;
        Assert.Equal(name, card.BaseModel);
    }

    [Fact]
    public void The_final_model_tells_the_whole_run()
    {
        var card = RunModelCard.Find(Path.Combine(CreateRun().Path, "model", "generator"), license: null)!;
        Assert.Equal(300, card.Steps);
        Assert.Equal("0.8000", card.Figures!["Replaced token detection, AUC on held-out text"]);
    }

    [Fact]
    public void A_model_outside_any_run_has_no_card() => Assert.Null(RunModelCard.Find(_folder["model"], "mit"));

    [Fact]
    public void A_fine_tuned_model_has_no_pretrainings_card_even_inside_its_folder()
    {
        var fineTuning = Directory.CreateDirectory(Path.Combine(CreateRun().Path, "reviews")).FullName;
        File.WriteAllText(Path.Combine(fineTuning, "recipe.json"), """{"task": "sst2"}""");
        File.WriteAllText(Path.Combine(fineTuning, "manifest.json"), """{"data": "/data/reviews", "from": "/runs/law"}""");
        Assert.Null(RunModelCard.Find(Path.Combine(fineTuning, "model"), license: null));
    }

    [Fact]
    public void A_damaged_manifest_is_named()
    {
        var manifest = Path.Combine(CreateRun().Path, "manifest.json");
        File.WriteAllText(manifest, "{ no object");
        Assert.StartsWith($"{manifest}: ", Assert.Throws<InvalidDataException>(() => RunModelCard.Find(_folder["law"], license: null)).Message);
    }

    RunDirectory CreateRun(string? from = null)
    {
        var recipe = new PretrainingRecipe(new ModelConfig(new GeneratorConfig()), new ReplacedTokenDetectionConfig(new()), new BatchConfig(), new AdamWConfig(), new LearningRateSchedule(), new RunConfig(Steps: 300));
        var manifest = new RunManifest("0.1", "2.10", "cpu", "float32", "explicit", 2, "a processor", "/data/law-reports", "abc", "def", 1, 100, DateTimeOffset.UnixEpoch) { From = from };
        var run = RunDirectory.Create(_folder["law"], recipe, manifest);
        using var log = MetricsLog.Open(run.MetricsPath);
        foreach (var (step, auc) in ((long, double)[])[(100, 0.6), (200, 0.7), (300, 0.8)])
            log.Append(new MetricsEntry(step, MetricsEntry.Evaluation, new Dictionary<string, double> { ["discriminator_auc"] = auc }));
        return run;
    }
}
