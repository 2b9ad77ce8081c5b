using Electra.Corpus;
using Electra.Pretraining;
using Electra.Training;

namespace Electra.Tests.Pretraining;

[Collection("torch")]
public sealed class InitialModelTests(TinyDataset data) : IClassFixture<TinyDataset>
{
    sealed class Notes : IProgress<PretrainingProgress>
    {
        public List<string> Texts { get; } = [];

        public void Report(PretrainingProgress value)
        {
            if (value.Message is not null) Texts.Add(value.Message);
        }
    }

    PretrainingRecipe Recipe(params string[] overrides) => RecipeFile.Load(data.RecipePath, PretrainingJson.Default.PretrainingRecipe, overrides);

    string Model()
    {
        var run = data["model-run"];
        if (Directory.Exists(run)) return Path.Combine(run, "model");
        using var dataset = TokenizedDataset.Open(data.DatasetPath);
        using var pretrainer = Pretrainer.Start(Recipe("run.steps=3"), dataset, run, new Notes());
        Assert.True(pretrainer.Run(CancellationToken.None));
        return Path.Combine(run, "model");
    }

    static byte[] Weights(string directory) => File.ReadAllBytes(Path.Combine(directory, "model.safetensors"));

    [Fact]
    public void A_run_from_a_model_begins_with_its_weights_and_sizes()
    {
        var model = Model();
        using var dataset = TokenizedDataset.Open(data.DatasetPath);
        // The recipe asks for another width; the model's own counts.
        using var pretrainer = Pretrainer.Start(Recipe("model.hidden_size=48", "model.num_attention_heads=3"), dataset, data["continued"], new Notes(), InitialModel.Open(model));

        var start = Path.Combine(data["continued"], "checkpoints", "step-0");
        Assert.Equal(Weights(Path.Combine(model, "discriminator")), Weights(Path.Combine(start, "discriminator")));
        Assert.Equal(Weights(Path.Combine(model, "generator")), Weights(Path.Combine(start, "generator")));
        Assert.Equal(32, RunDirectory.Open(data["continued"]).ReadRecipe().Model.HiddenSize);
    }

    [Fact]
    public void A_missing_generator_is_said()
    {
        var alone = data["alone"];
        Directory.CreateDirectory(alone);
        foreach (var file in Directory.GetFiles(Path.Combine(Model(), "discriminator"))) File.Copy(file, Path.Combine(alone, Path.GetFileName(file)), overwrite: true);
        var notes = new Notes();
        using var dataset = TokenizedDataset.Open(data.DatasetPath);
        using var pretrainer = Pretrainer.Start(Recipe(), dataset, data["without-generator"], notes, InitialModel.Open(alone));

        Assert.Contains(notes.Texts, text => text.Contains("No generator was given"));
    }

    [Fact]
    public void A_dataset_of_another_tokenizer_is_refused_with_the_command_that_builds_it()
    {
        var model = Model();
        File.WriteAllText(data["other-text.txt"], string.Join("\n\n", Enumerable.Range(0, 300).Select(i => $"Another text about the number {i}. It says nothing else at all.")));
        var tokenizer = Electra.Tokenization.WordPieceTrainer.Train(
            TextInput.ReadLines([data["other-text.txt"]], new ReadingReport()), new Electra.Tokenization.WordPieceConfig(), new Electra.Tokenization.VocabularyTrainingConfig(60), stop: CancellationToken.None);
        new TokenizedDatasetBuilder(tokenizer, new DatasetOptions(0.1)).Build([data["other-text.txt"]], data["other-tokens"], cancellation: CancellationToken.None);

        using var dataset = TokenizedDataset.Open(data["other-tokens"]);
        var message = Assert.Throws<InvalidDataException>(() => Pretrainer.Start(Recipe(), dataset, data["refused"], new Notes(), InitialModel.Open(model))).Message;

        Assert.Contains($"--tokenizer {Path.Combine(model, "discriminator")} --out DATASET", message);
    }

    [Fact]
    public void Swapped_networks_are_told_apart()
    {
        var model = Model();

        Assert.Contains("swapped?", Assert.Throws<InvalidDataException>(() => InitialModel.Open(Path.Combine(model, "generator"), Path.Combine(model, "discriminator"))).Message);
    }
}
