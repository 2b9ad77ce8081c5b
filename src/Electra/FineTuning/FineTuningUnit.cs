using System.Globalization;

namespace Electra.FineTuning;

/// <summary>One run of a recipe: one learning rate, one batch size, one seed.</summary>
/// <param name="Name">Tells it from the other runs of the recipe, such as <c>rate-1e-4-batch-32-seed-1</c>.</param>
/// <param name="Recipe">With one rate and one batch size.</param>
public sealed record FineTuningUnit(string Name, FineTuningRecipe Recipe)
{
    /// <summary>Digits behind the first one that tell any number from its neighbours.</summary>
    const int MaxDigits = 16;

    /// <summary>All runs that a recipe asks for: each learning rate with each batch size, each with as many seeds.</summary>
    /// <param name="recipe">Its lists make the grid; its seed is the first.</param>
    /// <param name="numSeeds">Runs of each setting.</param>
    /// <exception cref="ArgumentException">No seed is asked for.</exception>
    public static IReadOnlyList<FineTuningUnit> Of(FineTuningRecipe recipe, int numSeeds)
    {
        if (numSeeds < 1) throw new ArgumentException($"--seeds {numSeeds}: at least 1 is needed.");
        var units = new List<FineTuningUnit>();
        foreach (var peak in recipe.Schedule.Peak.Distinct())
            foreach (var size in recipe.Batch.Size.Distinct())
                for (var i = 0; i < numSeeds; i++)
                {
                    var seed = recipe.Run.Seed + (ulong)i;
                    var grid = recipe.Schedule.Peak.Count * recipe.Batch.Size.Count > 1
                        ? $"rate-{TextOf(peak)}-batch-{size}-"
                        : "";
                    units.Add(new FineTuningUnit($"{grid}seed-{seed}", recipe with
                    {
                        Schedule = recipe.Schedule with { Peak = [peak] },
                        Batch = recipe.Batch with { Size = [size] },
                        Run = recipe.Run with { Seed = seed },
                    }));
                }
        return units;
    }

    /// <summary>A rate in the fewest digits that give it back, such as <c>1e-4</c>: two of them never share a name.</summary>
    public static string TextOf(double rate)
    {
        for (var digits = 0; ; digits++)
        {
            var text = rate.ToString($"E{digits}", CultureInfo.InvariantCulture);                 // such as 1E-004
            if (digits < MaxDigits && double.Parse(text, CultureInfo.InvariantCulture) != rate) continue;
            var (mantissa, exponent) = (text[..text.IndexOf('E')], int.Parse(text[(text.IndexOf('E') + 1)..], CultureInfo.InvariantCulture));
            return $"{mantissa}e{exponent.ToString("+0;-0", CultureInfo.InvariantCulture)}";
        }
    }
}
