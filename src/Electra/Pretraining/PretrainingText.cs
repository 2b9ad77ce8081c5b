using Electra.Corpus;
using Electra.Objectives;
using Electra.Tokenization;

namespace Electra.Pretraining;

/// <summary>What a run reads: the batches of each of its phases, and the held-out text.</summary>
sealed class PretrainingText
{
    /// <exception cref="InvalidDataException">A split has nothing that the recipe's cutting rule can use, or whole words cannot be told.</exception>
    public PretrainingText(PretrainingRecipe recipe, RunPlan plan, TokenizedDataset dataset, ITokenizer tokenizer)
    {
        var specialTokens = tokenizer.SpecialTokens;
        var masking = TokenMasking.For(recipe.Objective.Masking, tokenizer);
        var (seed, copies) = (recipe.Run.Seed, recipe.Objective.Masking.StaticCopies);
        Batches = Read("training", () => plan.Phases.Select(phase => new PretrainingBatches(
            new ExampleSequence(dataset.Training, recipe.Batch.Cutting, phase.Length, seed, specialTokens, copies), masking, seed, masksAreStatic: copies > 0)).ToList());
        HeldOut = Read("validation", () => new HeldOutEvaluation(
            dataset.Validation, recipe.Batch.Cutting, recipe.Batch.Length, masking, specialTokens, recipe.Run.EvaluationTokens));
    }

    /// <summary>Of each phase.</summary>
    public IReadOnlyList<PretrainingBatches> Batches { get; }

    /// <summary>Held-out rows with their masks.</summary>
    public HeldOutEvaluation HeldOut { get; }

    /// <summary>Says which split cannot be cut.</summary>
    static T Read<T>(string split, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (ArgumentException exception)
        {
            throw new InvalidDataException($"The dataset's {split} split: {exception.Message}", exception);
        }
    }
}
