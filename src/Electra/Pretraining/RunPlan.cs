using Electra.Objectives;

namespace Electra.Pretraining;

/// <summary>
/// How a run goes from its beginning to its end: how far it is, in steps or in what it may spend, and what a batch is at each moment. With a
/// budget the recipe's steps are but the measure of its schedule, which is stretched to the budget.
/// </summary>
sealed class RunPlan
{
    /// <summary>Shares of phases are sums of decimal fractions.</summary>
    const double Rounding = 1e-9;
    const double SecondsPerMinute = 60;

    /// <summary>The share of the paper's small model: 10,000 of a million.</summary>
    const double ShortestWarmup = 0.01;

    readonly PretrainingRecipe _recipe;
    readonly List<(double End, BatchShape Shape)> _phases = [];

    public RunPlan(PretrainingRecipe recipe)
    {
        _recipe = recipe;
        var (batch, end) = (recipe.Batch, 0.0);
        foreach (var phase in recipe.Phases ?? [new PhaseConfig(1)])
        {
            end += phase.Share;
            _phases.Add((end, new BatchShape(_phases.Count, phase.Size ?? batch.Size, phase.Length ?? batch.Length, phase.MicroBatch ?? batch.MicroBatch)));
        }
    }

    /// <summary>The phases in their order.</summary>
    public IEnumerable<BatchShape> Phases => _phases.Select(phase => phase.Shape);

    /// <summary>How far a run is, from 0 to 1 or, if its last step went beyond a budget, a little more.</summary>
    public double Progress(RunState state) => _recipe.Run switch
    {
        { BudgetFlops: > 0 and var flops } => state.Flops / flops,
        { BudgetMinutes: > 0 and var minutes } => state.ElapsedSeconds / (minutes * SecondsPerMinute),
        _ => (double)state.Step / _recipe.Run.Steps,
    };

    /// <summary>True if nothing is left to do: the step that reaches the end is the last.</summary>
    public bool IsOver(RunState state) => Progress(state) >= 1;

    /// <summary>Steps of the whole run; under a budget an estimate by what was done.</summary>
    public long TotalSteps(RunState state)
    {
        if (!_recipe.Run.HasBudget || state.Step == 0) return _recipe.Run.Steps;
        return IsOver(state) ? state.Step : Math.Max(state.Step + 1, (long)Math.Round(state.Step / Progress(state)));
    }

    /// <summary>The learning rate of the next step.</summary>
    public double LearningRate(RunState state)
    {
        var steps = _recipe.Run.Steps;
        return _recipe.Schedule.At(_recipe.Run.HasBudget ? Progress(state) * steps : state.Step, steps);
    }

    /// <summary>
    /// What to tell of a warm-up that is next to none, for the recipe's steps are not those that the budget pays for; null where there is nothing to tell.
    /// A discriminator that meets its highest rate at once stays at the majority class (docs/log.md).
    /// </summary>
    public string? WarningOfWarmup()
    {
        var (warmup, steps) = (_recipe.Schedule.WarmupSteps, _recipe.Run.Steps);
        var share = (double)warmup / steps;
        return _recipe.Run.HasBudget && warmup > 0 && share < ShortestWarmup
            ? $"Under a budget the schedule is stretched from run.steps: a warm-up of {warmup:N0} of {steps:N0} steps is {100 * share:0.###} % of the run. Set run.steps to about what the budget pays for, or a longer schedule.warmup_steps."
            : null;
    }

    /// <summary>Refuses a budget that is spent with the first step: its schedule would have no second.</summary>
    /// <param name="cost">Of a row.</param>
    /// <exception cref="InvalidDataException">The budget of operations is smaller than what a step of full rows costs.</exception>
    public void CheckBudget(TrainingCost cost)
    {
        var first = ShapeAt(0);
        var step = first.Size * cost.Of(first.Length, _recipe.Objective.Masking.CountFor(first.Length));
        if (_recipe.Run.BudgetFlops is > 0 and var budget && budget < step)
            throw new InvalidDataException($"run.budget_flops {budget:g6} does not pay for one step, which costs {step:g6} with {first.Size:N0} rows of {first.Length} tokens. Give it more, or take a smaller batch.size.");
    }

    /// <summary>What the batch of the next step is.</summary>
    public BatchShape ShapeAt(RunState state) => ShapeAt(Progress(state));

    BatchShape ShapeAt(double progress)
    {
        var index = _phases.FindIndex(phase => progress < phase.End - Rounding);
        var shape = _phases[index < 0 ? ^1 : index].Shape;
        var (from, share) = (_recipe.Batch.RampFrom, _recipe.Batch.RampShare);
        return share > 0 && progress < share ? shape with { Size = (int)Math.Round(from + (shape.Size - from) * progress / share) } : shape;
    }
}

/// <summary>What one step sees.</summary>
/// <param name="Phase">Which phase it belongs to, from 0.</param>
/// <param name="Size">Examples.</param>
/// <param name="Length">Tokens of an example, at most.</param>
/// <param name="MicroBatch">Examples that go through the networks at once.</param>
readonly record struct BatchShape(int Phase, int Size, int Length, int MicroBatch);
