using Electra.Randomness;
using Electra.Tokenization;

namespace Electra.Objectives;

/// <summary>Chooses the tokens of one row that a masked language model has to guess (google-research/electra, pretrain_helpers.mask).</summary>
public sealed class TokenMasking(TokenMaskingConfig config, SpecialTokens specialTokens, int vocabularySize)
{
    /// <summary>Number of positions to choose in a row of <paramref name="length"/> tokens, [CLS] and [SEP] counted.</summary>
    public int CountFor(int length) =>
        Math.Max(1, (int)Math.Round(length * config.MaskProbability, MidpointRounding.ToEven));

    /// <summary>
    /// Chosen positions of a row in rising order, and what stands there for the masked language model. Structural tokens are never chosen;
    /// a row with fewer candidates than asked for gives all it has.
    /// </summary>
    /// <param name="ids">The row's real tokens.</param>
    /// <param name="random">Draws of this row; the same draws give the same masks.</param>
    /// <returns>Positions, distinct unless the legacy mode draws with replacement, and the row with some of them hidden.</returns>
    public (int[] Positions, int[] MaskedIds) Mask(ReadOnlySpan<int> ids, ref CounterRandom random)
    {
        var candidates = new List<int>(ids.Length);
        for (var position = 0; position < ids.Length; position++)
            if (!specialTokens.IsStructural(ids[position])) candidates.Add(position);

        var positions = config.DrawsWithReplacement
            ? DrawWithReplacement(candidates, CountFor(ids.Length), ref random)
            : DrawDistinct(candidates, Math.Min(CountFor(ids.Length), candidates.Count), ref random);

        var maskedIds = ids.ToArray();
        foreach (var position in positions)
        {
            var draw = random.NextDouble();
            if (draw < config.MaskTokenShare) maskedIds[position] = specialTokens.Mask;
            else if (draw < config.MaskTokenShare + config.RandomTokenShare) maskedIds[position] = RandomToken(ref random);
        }
        return (positions, maskedIds);
    }

    /// <summary>The first steps of a Fisher-Yates shuffle: every subset is equally likely.</summary>
    static int[] DrawDistinct(List<int> candidates, int count, ref CounterRandom random)
    {
        for (var i = 0; i < count; i++)
        {
            var j = i + random.NextInt32(candidates.Count - i);
            (candidates[i], candidates[j]) = (candidates[j], candidates[i]);
        }
        var positions = candidates[..count].ToArray();
        Array.Sort(positions);
        return positions;
    }

    static int[] DrawWithReplacement(List<int> candidates, int count, ref CounterRandom random)
    {
        if (candidates.Count == 0) return [];
        var positions = new int[count];
        foreach (ref var position in positions.AsSpan()) position = candidates[random.NextInt32(candidates.Count)];
        Array.Sort(positions);
        return positions;
    }

    int RandomToken(ref CounterRandom random)
    {
        int id;
        do id = random.NextInt32(vocabularySize);
        while (specialTokens.IsStructural(id));
        return id;
    }
}
