using Electra.Corpus;
using Electra.Objectives;
using Electra.Randomness;

namespace Electra.Pretraining;

/// <summary>Batches as a pure function of the position in the data: examples in the epoch's order, their masks and draws.</summary>
/// <param name="examples">The training split, cut and shuffled.</param>
/// <param name="masking">Chooses the tokens to hide.</param>
/// <param name="seed">The seed of the run.</param>
/// <param name="masksAreStatic">True draws an example's mask by what it is, so that it comes again with the example; false by its place in the epoch.</param>
public sealed class PretrainingBatches(ExampleSequence examples, TokenMasking masking, ulong seed, bool masksAreStatic = false)
{
    /// <summary>The next <paramref name="size"/> examples; a batch may span the end of an epoch.</summary>
    /// <returns>The rows, and where the next batch begins.</returns>
    public (IReadOnlyList<MaskedExample> Rows, DataPosition Next) Read(DataPosition position, int size)
    {
        var places = new DataPosition[size];
        for (var row = 0; row < size; row++)
        {
            if (position.Index >= examples.Count(position.Epoch)) position = new DataPosition(position.Epoch + 1, 0);
            places[row] = position;
            position = position with { Index = position.Index + 1 };
        }
        return ([.. places.Select(place => Read(place))], position);
    }

    MaskedExample Read(DataPosition place)
    {
        var example = examples.Read(place.Epoch, place.Index);
        return Mask(example, masking, seed, masksAreStatic ? example.Place : CounterRandom.Place(place.Epoch, place.Index));
    }

    /// <summary>Draws an example's mask and the numbers that will pick its replacements.</summary>
    public static MaskedExample Mask(Example example, TokenMasking masking, ulong seed, ulong place)
    {
        var random = new CounterRandom(seed, RandomPurpose.Masking, place);
        var (positions, maskedIds) = masking.Mask(example.TokenIds, ref random);

        var replacement = new CounterRandom(seed, RandomPurpose.Replacement, place);
        var draws = new double[positions.Length];
        foreach (ref var draw in draws.AsSpan()) draw = replacement.NextDouble();

        return new MaskedExample(
            example.TokenIds, example.SecondSegmentStart, positions, [.. positions.Select(position => maskedIds[position])], draws, example.IsNextSentence);
    }
}
