namespace Electra.Pretraining;

/// <summary>What a recipe's run costs with full rows: floating point operations of its steps, by this project's count and by google-research/electra's.</summary>
/// <param name="VocabularySize">What it was counted for.</param>
/// <param name="Phases">Each phase's step.</param>
/// <param name="Steps">Of the run; under a budget of operations as many as it pays for; 0 under a budget of time, which tells nothing of steps.</param>
/// <param name="Flops">Of all steps.</param>
/// <param name="PublishedFlops">The same as google-research/electra counts.</param>
public sealed record RunCost(int VocabularySize, IReadOnlyList<PhaseCost> Phases, long Steps, double Flops, double PublishedFlops)
{
    /// <summary>Steps that are counted one by one; no run has more.</summary>
    const long MostSteps = 100_000_000;

    /// <summary>Counts a recipe's run.</summary>
    /// <param name="recipe">A possible one.</param>
    /// <param name="vocabularySize">Tokens, which a recipe leaves to the dataset.</param>
    /// <exception cref="InvalidDataException">The budget pays for less than a step or for more than a hundred million.</exception>
    public static RunCost Of(PretrainingRecipe recipe, int vocabularySize)
    {
        var cost = recipe.Cost(vocabularySize);
        var plan = new RunPlan(recipe);
        plan.CheckBudget(cost);
        var phases = plan.Phases.Select(shape =>
        {
            var numMasked = recipe.Objective.Masking.CountFor(shape.Length);
            var parts = cost.Parts.ToDictionary(part => part.Name, part => Objectives.TrainingCost.Of(part, shape.Length, numMasked));
            return new PhaseCost(shape.Length, shape.Size, cost.Of(shape.Length, numMasked), cost.AsPublished(shape.Length), parts);
        }).ToList();
        if (recipe.Run.BudgetMinutes > 0) return new RunCost(vocabularySize, phases, 0, 0, 0);

        var (state, published) = (new RunState(0, 0, 0, 0, 0, 0, 0, "", "", recipe), 0.0);
        while (!plan.IsOver(state))
        {
            if (state.Step == MostSteps) throw new InvalidDataException($"run.budget_flops {recipe.Run.BudgetFlops:g6} pays for more than {MostSteps:N0} steps of this recipe. Is it meant?");
            var shape = plan.ShapeAt(state);
            state = state with { Step = state.Step + 1, Flops = state.Flops + shape.Size * phases[shape.Phase].FlopsPerSequence };
            published += shape.Size * phases[shape.Phase].PublishedFlopsPerSequence;
        }
        return new RunCost(vocabularySize, phases, state.Step, state.Flops, published);
    }
}

/// <summary>What a step of one phase costs.</summary>
/// <param name="Length">Tokens of a sequence.</param>
/// <param name="Size">Sequences in a step.</param>
/// <param name="FlopsPerSequence">Matrix products, backward = 2 x forward, vocabulary heads at chosen positions.</param>
/// <param name="PublishedFlopsPerSequence">As google-research/electra counts.</param>
/// <param name="Parts">Of a sequence, network by network.</param>
public sealed record PhaseCost(int Length, int Size, double FlopsPerSequence, double PublishedFlopsPerSequence, IReadOnlyDictionary<string, double> Parts)
{
    /// <summary>Of a full batch.</summary>
    public double FlopsPerStep => Size * FlopsPerSequence;

    /// <summary>Of a full batch, as google-research/electra counts.</summary>
    public double PublishedFlopsPerStep => Size * PublishedFlopsPerSequence;
}
