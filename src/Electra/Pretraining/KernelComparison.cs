using Electra.Checkpoints;
using Electra.Corpus;
using Electra.Model;
using Electra.Numerics;
using Electra.Objectives;
using Electra.Tokenization;
using Electra.Training;
using static TorchSharp.torch;

namespace Electra.Pretraining;

/// <summary>
/// Takes the first steps of a recipe by the explicit kernels and compares each with plain torch operations and their autograd, at the same weights,
/// rows, masks and dropout: every loss, and every parameter's gradient. It knows no objective, so it serves them all.
/// </summary>
public static class KernelComparison
{
    /// <summary>Of a step's rows so many micro-batches are taken: enough to see that they add up.</summary>
    const int NumMicroBatches = 2;

    /// <summary>A gradient smaller than this share of the largest is taken for that: keys' biases have none but rounding.</summary>
    const double SmallestShare = 1e-3;

    /// <summary>Compares the two.</summary>
    /// <param name="recipe">A possible one; matrix products are in float32 whatever it says.</param>
    /// <param name="dataset">What it reads.</param>
    /// <param name="steps">How many steps.</param>
    /// <param name="tolerance">Of losses, relative.</param>
    /// <param name="gradientTolerance">Of a parameter's gradient, relative to its largest value.</param>
    /// <returns>The losses of each step, and each parameter's largest error over all steps.</returns>
    /// <exception cref="InvalidDataException">The kernels do not serve the recipe, or the dataset does not.</exception>
    public static IReadOnlyList<ReferenceComparison.Row> Compare(
        PretrainingRecipe recipe, TokenizedDataset dataset, int steps, double tolerance = 1e-4, double gradientTolerance = 1e-3)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        recipe = recipe with { Precision = PrecisionChoice.Float32 };
        recipe.Check("recipe");
        var tokenizer = RunCompatibility.CheckDataset(dataset);
        var plan = new RunPlan(recipe);
        var text = new PretrainingText(recipe, plan, dataset, tokenizer);
        using var kernels = PretrainingObjectives.Build(recipe, tokenizer);
        if (kernels.KernelPrecision is null)
            throw new InvalidDataException("The explicit kernels do not serve this recipe's sizes on this machine: it trains by plain torch operations, and there is nothing to compare.");
        using var plain = PretrainingObjectives.Build(recipe, tokenizer, usesKernels: false);
        kernels.Parameters.Initialize(recipe.Run.Seed, recipe.Model.InitializerRange);
        using var optimizer = new AdamW(recipe.Optimizer, kernels.Parameters, kernels.RateFactors);

        var (rows, largest) = (new List<ReferenceComparison.Row>(), new Dictionary<string, double>());
        var state = new RunState(0, 0, 0, 0, 0, 0, 0, dataset.Identity, tokenizer.Identity, recipe);
        for (var step = 0; step < steps; step++)
        {
            var shape = plan.ShapeAt(state);
            var (batch, next) = text.Batches[shape.Phase].Read(state.Position, Math.Min(shape.Size, NumMicroBatches * shape.MicroBatch));
            Copy(kernels.Parameters, plain.Parameters);
            plain.Parameters.ClearGradients();
            kernels.Parameters.ClearGradients();
            var expected = Accumulate(plain, batch, shape.MicroBatch, step, tokenizer).ToMetrics();
            foreach (var (name, value) in Accumulate(kernels, batch, shape.MicroBatch, step, tokenizer).ToMetrics().Where(figure => figure.Key.EndsWith("loss", StringComparison.Ordinal)))
                rows.Add(new ReferenceComparison.Row($"step {step + 1} {name}", Math.Abs(value - expected[name]) / Math.Abs(expected[name]), tolerance));
            AddGradientErrors(plain.Parameters, kernels.Parameters, largest);
            optimizer.Step(recipe.Schedule.Peak, optimizer.GradientNorm(), step + 1);
            state = state with { Step = step + 1, Epoch = next.Epoch, Index = next.Index };
        }
        return [.. rows, .. largest.Select(pair => new ReferenceComparison.Row($"gradient {pair.Key}", pair.Value, gradientTolerance))];
    }

    static ObjectiveSums Accumulate(IPretrainingObjective objective, IReadOnlyList<MaskedExample> rows, int microBatch, long step, ITokenizer tokenizer)
    {
        var (totals, sums) = (StepTotals.Of(rows), new ObjectiveSums());
        foreach (var places in Enumerable.Range(0, rows.Count).Chunk(microBatch))
        {
            var batch = MaskedBatch.Pad([.. places.Select(place => rows[place])], tokenizer.SpecialTokens.Padding);
            // A sample hangs on the last bit of a logit, and another sample is another text: both get the same ones.
            batch = batch with { Replacements = [.. batch.Draws.Select(draw => (int)(draw * tokenizer.Vocabulary.Count))] };
            objective.Accumulate(batch, totals, new Dropout(Seed: 1, step, places), sums);
        }
        return sums;
    }

    /// <summary>Adds each parameter's largest error to those of earlier steps; once it is no number, it stays so.</summary>
    internal static void AddGradientErrors(ParameterBuffer expected, ParameterBuffer actual, Dictionary<string, double> largest)
    {
        var (want, have) = (TensorMemory.ToFloats(expected.Gradients), TensorMemory.ToFloats(actual.Gradients));
        var floor = SmallestShare * want.Max(Math.Abs);
        foreach (var slot in expected.Slots)
        {
            double error = 0, size = floor;
            for (var i = slot.Offset; i < slot.Offset + slot.Count; i++)
            {
                error = Math.Max(error, Math.Abs((double)have[i] - want[i])); // which keeps a NaN
                size = Math.Max(size, Math.Abs(want[i]));
            }
            largest[slot.Parameter.Name] = Math.Max(largest.GetValueOrDefault(slot.Parameter.Name), error / size);
        }
    }

    static void Copy(ParameterBuffer from, ParameterBuffer to)
    {
        using var noGradient = no_grad();
        to.Values.copy_(from.Values);
        to.MarkChanged();
    }
}
