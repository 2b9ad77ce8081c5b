using System.Text.Json;
using Electra.FineTuning;

namespace Electra.Tests.FineTuning;

/// <summary><c>electra export</c> of a fine-tuned model, and what takes it from there.</summary>
[Collection(TorchCollection.Name)]
public sealed class ExportedTaskTests(FineTunedReviews reviews) : IClassFixture<FineTunedReviews>
{
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
}
