using Electra.Corpus;
using Electra.Model;
using Electra.Numerics;
using Electra.Pretraining;
using Electra.Training;

namespace Electra.Tests.Pretraining;

[Collection("torch")]
public sealed class KernelComparisonTests(TinyDataset data) : IClassFixture<TinyDataset>
{
    const string Sentences = "\"batch\": {\"size\": 6, \"length\": 32, \"micro_batch\": 3, \"cutting\": ";

    /// <summary>One of each objective, with dropout and in two micro-batches.</summary>
    public static TheoryData<string, string, int> Objectives => new()
    {
        { "\"model\": {SIZES, \"generator\": GENERATOR}, \"objective\": {\"masking\": {}}", "\"segments\"", 2 },
        { "\"model\": {SIZES, \"generator\": GENERATOR}, \"objective\": {\"masking\": {}, \"judges_masked_only\": true}", "\"segments\"", 2 },
        { "\"model\": {SIZES}, \"objective\": {\"masking\": {}, \"uniform_generator\": true}", "\"segments\"", 1 },
        { "\"model\": {SIZES, \"family\": \"bert\"}, \"objective\": {\"kind\": \"masked_language_modelling\", \"masking\": {}, \"next_sentence\": true}", "\"sentence_pairs\"", 2 },
        { "\"model\": {SIZES, \"family\": \"roberta\"}, \"objective\": {\"kind\": \"masked_language_modelling\", \"masking\": {}}", "\"full_sentences\"", 1 },
        { "\"model\": {SIZES, \"generator\": GENERATOR}, \"objective\": {\"kind\": \"replaced_language_modelling\", \"masking\": {}}", "\"segments\"", 2 },
        { "\"model\": {SIZES, \"generator\": GENERATOR}, \"objective\": {\"kind\": \"replaced_language_modelling\", \"masking\": {}, \"predicts_all_tokens\": true}", "\"segments\"", 2 },
    };

    static PretrainingRecipe Recipe(string modelAndObjective, string cutting, params string[] overrides)
    {
        var text = modelAndObjective
            .Replace("SIZES", "\"embedding_size\": 32, \"hidden_size\": 32, \"num_layers\": 1, \"num_attention_heads\": 2, \"intermediate_size\": 64, \"initializer_range\": 0.1, \"max_position_embeddings\": 64")
            .Replace("GENERATOR", "{\"hidden_size\": 16, \"num_layers\": 1, \"num_attention_heads\": 1, \"intermediate_size\": 32}");
        return RecipeFile.Parse(
            $"{{{text}, {Sentences}{cutting}}}, \"optimizer\": {{}}, \"schedule\": {{\"peak\": 1e-3}}, \"run\": {{\"evaluation_tokens\": 100}}}}",
            "test.json", PretrainingJson.Default.PretrainingRecipe, overrides);
    }

    [Theory]
    [MemberData(nameof(Objectives))]
    public void The_kernels_of_every_objective_have_the_losses_and_gradients_of_autograd(string modelAndObjective, string cutting, int numLosses)
    {
        using var dataset = TokenizedDataset.Open(data.DatasetPath);
        var rows = KernelComparison.Compare(Recipe(modelAndObjective, cutting), dataset, steps: 2);

        Assert.Equal(2 * (numLosses + 1), rows.Count(row => row.Name.EndsWith("loss", StringComparison.Ordinal))); // and their total
        Assert.True(rows.Count(row => row.Name.StartsWith("gradient ", StringComparison.Ordinal)) > 20);
        Assert.All(rows, row => Assert.True(row.Passes, $"{row.Name}: {row.Error:E2} > {row.Tolerance:E1}"));
        Assert.Contains(rows, row => row.Error > 0); // two computations, not one compared with itself
    }

    [Fact]
    public void Sizes_that_the_kernels_do_not_serve_leave_nothing_to_compare()
    {
        using var dataset = TokenizedDataset.Open(data.DatasetPath);
        var recipe = Recipe("\"model\": {SIZES, \"family\": \"bert\"}, \"objective\": {\"kind\": \"masked_language_modelling\", \"masking\": {}}", "\"segments\"", "model.hidden_size=36", "model.embedding_size=36");

        Assert.Contains("do not serve", Assert.Throws<InvalidDataException>(() => KernelComparison.Compare(recipe, dataset, steps: 1)).Message);
    }

    [Fact]
    public void A_gradient_that_is_no_number_is_not_forgotten()
    {
        var encoder = new EncoderConfig(VocabSize: 20, EmbeddingSize: 8, HiddenSize: 16, NumHiddenLayers: 1, NumAttentionHeads: 2, IntermediateSize: 24, MaxPositionEmbeddings: 12);
        using var expected = new PretrainedNetwork(new NetworkConfig(Architecture.Named("ElectraModel"), encoder));
        using var actual = new PretrainedNetwork(new NetworkConfig(Architecture.Named("ElectraModel"), encoder));
        var errors = new Dictionary<string, double>();
        var gradients = TensorMemory.Span<float>(actual.Flatten().Gradients);

        gradients[0] = float.NaN;
        KernelComparison.AddGradientErrors(expected.Flatten(), actual.Flatten(), errors);
        gradients[0] = 0;
        KernelComparison.AddGradientErrors(expected.Flatten(), actual.Flatten(), errors);

        Assert.True(double.IsNaN(errors[actual.Flatten().Slots[0].Parameter.Name]));
    }

    [Fact]
    public void A_run_is_no_record_and_the_way_out_is_named()
    {
        Assert.Contains("expected.json is missing", Assert.Throws<InvalidDataException>(() => TrainingRunReference.Compare(data.Folder, usesKernels: false)).Message);
        Assert.Contains("--recipe RECIPE", Assert.Throws<InvalidDataException>(() => TrainingRunReference.Compare(data.Folder, usesKernels: false)).Message);
    }

    [Fact]
    public void The_command_compares_the_kernels_of_a_recipe()
    {
        var (code, output, errors) = ElectraProgram.Run("verify", "--recipe", data.RecipePath, "--data", data.DatasetPath, "--steps", "1", "--set", "batch.size=4");

        Assert.True(code == 0, errors);
        Assert.Contains("step 1 discriminator_loss", output);
        Assert.EndsWith("agree", output.TrimEnd());
        Assert.Equal((2, "", "electra: --recipe compares the explicit kernels with plain torch operations: leave --plain out.\n"), ElectraProgram.Run("verify", "--recipe", data.RecipePath, "--plain"));
        Assert.Contains("they are compared in float32", ElectraProgram.Run("verify", "--recipe", data.RecipePath, "--data", data.DatasetPath, "--set", "precision=bfloat16").Errors);
        Assert.Equal((2, "electra: Verify what? Give one of: MODEL and EXPECTED, --training-run DIR, --recipe RECIPE.\n"), (ElectraProgram.Run("verify").Code, ElectraProgram.Run("verify").Errors));
    }
}
