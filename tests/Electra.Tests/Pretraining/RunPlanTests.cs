using Electra.Objectives;
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
    public void A_warm_up_that_is_next_to_none_of_a_budget_is_told()
    {
        Assert.Equal(
            "Under a budget the schedule is stretched from run.steps: a warm-up of 100 of 1,000,000 steps is 0.01 % of the run. Set run.steps to about what the budget pays for, or a longer schedule.warmup_steps.",
            new RunPlan(Recipe("run.budget_minutes=8", "run.steps=1000000")).WarningOfWarmup());
        Assert.Null(new RunPlan(Recipe("run.budget_minutes=8")).WarningOfWarmup());
        Assert.Null(new RunPlan(Recipe("run.steps=1000000")).WarningOfWarmup());
        Assert.Null(new RunPlan(Recipe("run.budget_minutes=8", "schedule.warmup_steps=0")).WarningOfWarmup());
    }

    [Fact]
    public void A_budget_smaller_than_one_step_is_refused_with_the_cost_of_a_step()
    {
        // 100 rows of 128 tokens, of which 19 are chosen: at 1 operation a token and 10 a chosen one, a step of three passes costs 95,400.
        var cost = new TrainingCost([new CostPart("all", (length, numMasked) => length + 10 * numMasked, _ => 0)]);

        new RunPlan(Recipe("run.budget_flops=95400")).CheckBudget(cost);
        new RunPlan(Recipe("batch.ramp_from=20", "batch.ramp_share=0.5", "run.budget_flops=19080")).CheckBudget(cost); // the first step's batch counts
        Assert.Equal(
            "run.budget_flops 95399 does not pay for one step, which costs 95400 with 100 rows of 128 tokens. Give it more, or take a smaller batch.size.",
            Assert.Throws<InvalidDataException>(() => new RunPlan(Recipe("run.budget_flops=95399")).CheckBudget(cost)).Message);
    }

    [Fact]
    public void A_budget_that_a_run_has_used_up_already_is_refused_on_resume()
    {
        RunState after = At(Recipe(), step: 4, flops: 8e6, seconds: 90);

        Assert.Equal(
            "run.budget_flops 8e+06 is spent: the run has used 8e+06 in 4 steps of 2e+06. Give it more than that, or start a new run.",
            Assert.Throws<InvalidDataException>(() => RunCompatibility.CheckBudget(after, Recipe("run.budget_flops=8e6"))).Message);
        Assert.Equal(
            "run.budget_minutes 1.5 is spent: the run has trained 1.5 minutes in 4 steps of 22.5 s. Give it more than that, or start a new run.",
            Assert.Throws<InvalidDataException>(() => RunCompatibility.CheckBudget(after, Recipe("run.budget_minutes=1.5"))).Message);
        RunCompatibility.CheckBudget(after, Recipe("run.budget_flops=8.1e6"));
        RunCompatibility.CheckBudget(after, Recipe("run.budget_minutes=1.6"));
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
