using Electra.Pretraining;
using Electra.Training;

namespace Electra.Tests.Pretraining;

public sealed class RunPlanTests
{
    const string Minimal = """{ "model": { "generator": {} }, "objective": { "masking": {} }, "batch": { "size": 100 }, "optimizer": {}, "schedule": { "peak": 1, "warmup_steps": 100, "warmup": "replacing" }, "run": { "steps": 1000 } }""";

    static PretrainingRecipe Recipe(params string[] overrides) => RecipeFile.Parse(Minimal, "test.json", PretrainingJson.Default.PretrainingRecipe, overrides);

    static RunState At(PretrainingRecipe recipe, long step, double flops = 0, double seconds = 0) => new(step, 0, 0, 0, 0, flops, seconds, "", "", recipe);

    [Fact]
    public void Nine_tenths_of_the_steps_are_short()
    {
        var recipe = Recipe("phases=[{\"share\":0.7,\"length\":64},{\"share\":0.2,\"length\":128,\"size\":50},{\"share\":0.1,\"length\":512,\"size\":20,\"micro_batch\":2}]");
        var plan = new RunPlan(recipe);

        Assert.Equal(new BatchShape(0, 100, 64, 32), plan.ShapeAt(At(recipe, 699)));
        Assert.Equal(new BatchShape(1, 50, 128, 32), plan.ShapeAt(At(recipe, 700)));
        Assert.Equal(new BatchShape(1, 50, 128, 32), plan.ShapeAt(At(recipe, 899)));
        Assert.Equal(new BatchShape(2, 20, 512, 2), plan.ShapeAt(At(recipe, 900))); // 0.7 + 0.2 is a little less than 0.9
        Assert.Equal(new BatchShape(2, 20, 512, 2), plan.ShapeAt(At(recipe, 1000)));
    }

    [Fact]
    public void A_batch_ramp_grows_evenly()
    {
        var recipe = Recipe("batch.ramp_from=20", "batch.ramp_share=0.5");
        var plan = new RunPlan(recipe);

        Assert.Equal([20, 36, 60, 100, 100], ((long[])[0, 100, 250, 500, 900]).Select(step => plan.ShapeAt(At(recipe, step)).Size));
    }

    [Fact]
    public void A_budget_of_operations_stretches_the_schedule()
    {
        var recipe = Recipe("run.budget_flops=1e6");
        var plan = new RunPlan(recipe);

        // A tenth of the recipe's steps are warm-up; so is a tenth of the budget.
        Assert.Equal(0.5, plan.LearningRate(At(recipe, 7, flops: 0.05e6)), 1e-9);
        Assert.Equal(0.9, plan.LearningRate(At(recipe, 14, flops: 0.1e6)), 1e-9);
        Assert.Equal(0.25, plan.LearningRate(At(recipe, 105, flops: 0.75e6)), 1e-9);
        Assert.False(plan.IsOver(At(recipe, 139, flops: 0.999e6)));
        Assert.True(plan.IsOver(At(recipe, 140, flops: 1e6)));
        Assert.Equal(140, plan.TotalSteps(At(recipe, 105, flops: 0.75e6)));
    }

    [Fact]
    public void A_budget_of_minutes_goes_by_the_time_in_steps()
    {
        var recipe = Recipe("run.budget_minutes=2");
        var plan = new RunPlan(recipe);

        Assert.Equal(0.25, plan.Progress(At(recipe, 3, seconds: 30)));
        Assert.True(plan.IsOver(At(recipe, 12, seconds: 120)));
    }
}
