using Electra.Model;
using Electra.Objectives;
using Electra.Pretraining;
using Electra.Training;

namespace Electra.Tests.Pretraining;

public sealed class RunCostTests
{
    const int WordPieces = 30_522, RobertaTokens = 50_265;

    static PretrainingRecipe Recipe(string name, params string[] overrides) =>
        RecipeFile.Load(Path.Combine(AppContext.BaseDirectory, "recipes", $"{name}.json"), PretrainingJson.Default.PretrainingRecipe, overrides);

    /// <summary>The last line of google-research/electra's flops_computation.py for each model, within a thousandth.</summary>
    [Theory]
    [InlineData("small", 1.2937e18), InlineData("base", 6.4245e19), InlineData("large", 7.1176e20)]
    public void ELECTRAs_recipes_have_the_published_totals(string name, double expected) =>
        Assert.Equal(expected, RunCost.Of(Recipe(name), WordPieces).PublishedFlops, expected * 1e-3);

    [Theory]
    [InlineData(12, 256, 128, 128, 128, 1.45e6, WordPieces, 1.4187e18)]
    [InlineData(12, 768, 768, 512, 256, 1e6, WordPieces, 6.4283e19)]
    [InlineData(24, 1024, 1024, 512, 256, 1e6, WordPieces, 1.9172e20)]
    [InlineData(24, 1024, 1024, 512, 8000, 5e5, RobertaTokens, 3.1872e21)]
    public void BERT_and_RoBERTa_have_the_published_totals(int layers, int hidden, int embedding, int length, int batch, double steps, int vocabulary, double expected)
    {
        var encoder = new EncoderConfig(VocabSize: vocabulary, EmbeddingSize: embedding, HiddenSize: hidden, NumHiddenLayers: layers, IntermediateSize: 4 * hidden);
        var cost = new MaskedLanguageModellingConfig(new()).Cost(encoder, generator: null);

        Assert.Equal(expected, steps * batch * cost.AsPublished(length), expected * 1e-3);
    }

    [Fact]
    public void A_step_of_a_one_layer_model_is_counted_by_hand()
    {
        var recipe = Recipe("bert-small", "model.num_layers=1", "model.hidden_size=8", "model.embedding_size=8", "model.num_attention_heads=1", "model.intermediate_size=16", "batch.size=2", "batch.length=16", "run.steps=3");
        var cost = RunCost.Of(recipe, vocabularySize: 100);

        // A token: 4 x 8 x 8 + 2 x 8 x 16 + 2 x 16 x 8 (attention) = 768 products; 2 tokens (15 % of 16) in the head: 8 x (8 + 100);
        // the pair: 8 x 8 + 8 x 2. Each product is two operations, and a step three passes.
        var sequence = 3 * 2 * (16 * 768 + 2 * 8 * 108 + 80);
        Assert.Equal(sequence, cost.Phases[0].FlopsPerSequence);
        Assert.Equal(3 * 2 * sequence, cost.Flops);
        Assert.Equal(["encoder", "masked token head", "next sentence head"], cost.Phases[0].Parts.Keys);
    }

    [Fact]
    public void A_budget_pays_for_as_many_steps_as_reach_it()
    {
        var step = RunCost.Of(Recipe("small"), WordPieces).Phases[0].FlopsPerStep;

        Assert.Equal(100, RunCost.Of(Recipe("small", $"run.budget_flops={100 * step}"), WordPieces).Steps);
        Assert.Equal(101, RunCost.Of(Recipe("small", $"run.budget_flops={100.5 * step}"), WordPieces).Steps);
    }

    [Fact]
    public void Phases_are_counted_each_with_its_length()
    {
        var cost = RunCost.Of(Recipe("bert-base", "run.steps=10"), WordPieces);

        Assert.Equal([128, 512], cost.Phases.Select(phase => phase.Length));
        Assert.Equal(9 * cost.Phases[0].FlopsPerStep + cost.Phases[1].FlopsPerStep, cost.Flops);
    }

    [Fact]
    public void The_command_prints_both_counts_as_JSON()
    {
        var (code, output, _) = ElectraProgram.Run("bench", "flops", Path.Combine(AppContext.BaseDirectory, "recipes", "small.json"), "--json");

        Assert.Equal(0, code);
        var root = System.Text.Json.Nodes.JsonNode.Parse(output)!;
        Assert.Equal(1.2937e18, root["published_flops"]!.GetValue<double>(), 1e15);
        Assert.Equal(8.98e9, root["phases"]![0]!["flops_per_sequence"]!.GetValue<double>(), 0.01e9);
        Assert.Equal(128, root["phases"]![0]!["size"]!.GetValue<int>());
    }
}
