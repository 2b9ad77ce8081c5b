using System.Text.Json;
using Electra.Objectives;
using Electra.Pretraining;
using Electra.Training;

namespace Electra.Tests.Training;

public sealed class RecipeFileTests
{
    const string Minimal = """{ "model": { "generator": {} }, "objective": { "masking": {} }, "batch": {}, "optimizer": {}, "schedule": {}, "run": {} }""";

    static PretrainingRecipe Parse(string json, params string[] overrides) =>
        RecipeFile.Parse(json, "test.json", PretrainingJson.Default.PretrainingRecipe, overrides);

    public static IEnumerable<TheoryDataRow<string>> Recipes() =>
        Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "recipes"), "*.json", SearchOption.AllDirectories)
            .Where(path => !File.ReadAllText(path).Contains("\"task\"", StringComparison.Ordinal)).Select(path => new TheoryDataRow<string>(path)); // those with a task are for fine-tuning

    [Theory]
    [MemberData(nameof(Recipes))]
    public void Every_recipe_loads_is_possible_and_survives_a_round_trip(string path)
    {
        var recipe = RecipeFile.Load(path, PretrainingJson.Default.PretrainingRecipe);

        recipe.Check(path);
        Assert.Equal(recipe, Parse(JsonSerializer.Serialize(recipe, PretrainingJson.Default.PretrainingRecipe)));
    }

    [Fact]
    public void An_empty_section_has_the_defaults()
    {
        var recipe = Parse(Minimal);

        Assert.Equal(new BatchConfig(), recipe.Batch);
        Assert.Equal(new AdamWConfig(), recipe.Optimizer);
        Assert.Equal(new RunConfig(), recipe.Run);
        Assert.Equal(new ReplacedTokenDetectionConfig(new()), recipe.Objective);
    }

    [Fact]
    public void Comments_and_trailing_commas_are_accepted() => Parse(Minimal.Replace("\"batch\": {}", "/* why */ \"batch\": { \"size\": 7, }"));

    [Fact]
    public void A_value_is_set_over_the_files() => Assert.Equal(3, Parse(Minimal, "batch.size=3").Batch.Size);

    [Theory]
    [InlineData("batch.sise=3", "'sise'", "'size'"), InlineData("btach.size=3", "'btach'", "'batch'"), InlineData("run.step=3", "'step'", "'steps'")]
    public void An_unknown_key_is_refused_with_the_nearest_known_one(string assignment, string unknown, string nearest)
    {
        var message = Assert.Throws<InvalidDataException>(() => Parse(Minimal, assignment)).Message;

        Assert.Contains(unknown, message);
        Assert.Contains($"Did you mean {nearest}?", message);
    }

    [Fact]
    public void An_unknown_key_in_the_file_is_named_with_its_place()
    {
        var message = Assert.Throws<InvalidDataException>(() => Parse(Minimal.Replace("\"generator\": {}", "\"generator\": { \"hiden_size\": 1 }"))).Message;

        Assert.Contains("test.json: model.generator.hiden_size: unknown key 'hiden_size'. Did you mean 'hidden_size'?", message);
    }

    [Theory]
    [InlineData("phases=[{\"share\":0.5,\"length\":64},{\"share\":0.5,\"length\":600}]", "phases[1].length 600 exceeds model.max_position_embeddings 512")]
    [InlineData("phases=[{\"share\":0.5}]", "the shares of phases add up to 0.5")]
    [InlineData("phases=[{\"share\":1,\"size\":0}]", "phases[0].size is 0")]
    [InlineData("batch.ramp_share=0.5", "ramp_from is 0, it must lie in 1..size (128)")]
    [InlineData("batch.ramp_from=20", "ramp_from is 20, it needs a ramp_share above 0")]
    [InlineData("run.budget_flops=-1", "budget_flops is -1")]
    [InlineData("run.budget_minutes=1e400", "it must be finite")]
    [InlineData("objective.masking.mask_probability=2", "objective.masking.mask_probability is 2")]
    [InlineData("model.family=bert", "model.family must be electra")]
    [InlineData("model.generator=null", "model.generator is missing")]
    [InlineData("objective={\"kind\":\"masked_language_modelling\",\"masking\":{},\"next_sentence\":true}", "objective.next_sentence needs batch.cutting sentence_pairs")]
    [InlineData("objective.masking={\"whole_words\":true,\"draws_with_replacement\":true}", "exclude each other")]
    public void What_does_not_go_together_is_named(string assignment, string expected) =>
        Assert.Contains(expected, Assert.Throws<InvalidDataException>(() => Parse(Minimal, assignment).Check("test.json")).Message);

    [Fact]
    public void RoBERTa_has_no_token_types_and_so_no_segments() =>
        Assert.Contains("must be full_sentences or document_sentences", Assert.Throws<InvalidDataException>(() => RecipeFile.Load(
            Path.Combine(AppContext.BaseDirectory, "recipes", "roberta-small.json"), PretrainingJson.Default.PretrainingRecipe, ["batch.cutting=segments"]).Check("test.json")).Message);

    [Fact]
    public void An_unknown_key_of_a_phase_is_named_with_its_place() =>
        Assert.Contains("phases[0].lenght: unknown key 'lenght'. Did you mean 'length'?",
            Assert.Throws<InvalidDataException>(() => Parse(Minimal, "phases=[{\"share\":1,\"lenght\":64}]")).Message);

    [Fact]
    public void A_phase_that_is_null_is_named_with_its_place() =>
        Assert.Equal("--set phases=[null]: phases[0]: an object of keys and values is expected.",
            Assert.Throws<InvalidDataException>(() => Parse(Minimal, "phases=[null]")).Message);

    [Theory]
    [InlineData("batch.size=many", "a whole number up to 2,147,483,647")]
    [InlineData("run.seed=-1", "a whole number from 0 to 18,446,744,073,709,551,615")]
    [InlineData("schedule.peak=NaN", "a number")]
    [InlineData("objective.disallow_correct=maybe", "true or false")]
    [InlineData("precision=float8", "one of auto, float32, bfloat16")]
    [InlineData("batch=3", "an object of keys and values")]
    [InlineData("model=null", "an object of keys and values")]
    [InlineData("model.hidden_size=null", "a whole number up to 2,147,483,647")]
    public void A_value_of_the_wrong_kind_is_one_clear_line(string assignment, string expected)
    {
        var message = Assert.Throws<InvalidDataException>(() => Parse(Minimal, assignment)).Message;

        Assert.Equal($"--set {assignment}: {expected} is expected.", message);
    }

    [Theory]
    [InlineData("\"batch\": {}", "\"batch\": {\"size\": \"many\"}", "test.json: batch.size: a whole number up to 2,147,483,647 is expected.")]
    [InlineData("\"batch\": {}", "\"batch\": {},\n  \"run\" {}", "test.json: no valid JSON at line 2, byte 9.")]
    [InlineData("\"batch\": {}", "\"run\": {}", "test.json: the key 'run' stands twice in one section.")]
    [InlineData("\"batch\": {}, ", "", "test.json: batch is missing.")]
    public void A_mistake_in_the_file_is_named_with_its_place(string text, string mistake, string message) =>
        Assert.Equal(message, Assert.Throws<InvalidDataException>(() => Parse(Minimal.Replace(text, mistake), "run.steps=3")).Message);

    [Fact]
    public void What_was_set_is_named_with_what_does_not_go_together() => Assert.Equal("mine.json with --set run.steps=0 --set run.seed=2",
        RecipeFile.NameOf("mine.json", ["run.steps=0", "run.seed=2"]));

    [Theory]
    [InlineData("run.steps.many=3"), InlineData("precision.of=3")]
    public void A_key_below_a_value_is_refused(string assignment) =>
        Assert.Equal($"--set {assignment}: there are no keys below a value. Expected section.key=value.", Assert.Throws<InvalidDataException>(() => Parse(Minimal, assignment)).Message);

    [Fact]
    public void An_objective_without_a_kind_is_replaced_token_detection()
    {
        var recipe = Parse(Minimal);

        Assert.IsType<ReplacedTokenDetectionConfig>(recipe.Objective);
        Assert.Contains("\"kind\": \"replaced_token_detection\"", JsonSerializer.Serialize(recipe, PretrainingJson.Default.PretrainingRecipe));
    }

    [Fact]
    public void An_unknown_kind_is_refused_with_the_known_ones()
    {
        var message = Assert.Throws<InvalidDataException>(() => Parse(Minimal, "objective.kind=guessing")).Message;

        Assert.Contains("objective.kind: 'guessing' is unknown, use one of replaced_token_detection", message);
    }

    [Fact]
    public void A_missing_section_is_named() =>
        Assert.Contains("schedule", Assert.Throws<InvalidDataException>(() => Parse(Minimal.Replace(", \"schedule\": {}", ""))).Message);

    [Fact]
    public void Impossible_sizes_are_all_named_at_once()
    {
        var recipe = Parse(Minimal, "model.num_attention_heads=3", "batch.length=600", "objective.masking.mask_probability=0", "run.steps=0");
        var message = Assert.Throws<InvalidDataException>(() => recipe.Check("test.json")).Message;

        Assert.Contains("hidden_size 256 is not divisible by num_attention_heads 3", message);
        Assert.Contains("batch.length 600 exceeds model.max_position_embeddings 512", message);
        Assert.Contains("mask_probability is 0", message);
        Assert.Contains("run.steps is 0", message);
    }
}
