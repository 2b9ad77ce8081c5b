using Electra.Randomness;
using Electra.Tokenization;

namespace Electra.Objectives;

/// <summary>Chooses the tokens of one row that a masked language model has to guess (google-research/electra, pretrain_helpers.mask).</summary>
/// <param name="config">How many, and what stands in their place.</param>
/// <param name="specialTokens">Never chosen, but for the unknown one.</param>
/// <param name="vocabularySize">Random tokens come from all of it.</param>
/// <param name="startsWord">By id, true if the token begins a word; needed for whole words.</param>
public sealed class TokenMasking(TokenMaskingConfig config, SpecialTokens specialTokens, int vocabularySize, bool[]? startsWord = null)
{
    /// <summary>Masking of a tokenizer's ids.</summary>
    /// <exception cref="InvalidDataException">Whole words are asked for, and the vocabulary does not tell where they begin.</exception>
    public static TokenMasking For(TokenMaskingConfig config, ITokenizer tokenizer)
    {
        var size = tokenizer.Vocabulary.Count;
        if (!config.WholeWords) return new TokenMasking(config, tokenizer.SpecialTokens, size);
        bool[] startsWord = [.. Enumerable.Range(0, size).Select(tokenizer.StartsWord)];
        var numStarts = Enumerable.Range(0, size).Count(id => startsWord[id] && !tokenizer.SpecialTokens.IsStructural(id));
        if (numStarts == 0 || Array.TrueForAll(startsWord, starts => starts))
            throw new InvalidDataException($"objective.masking.whole_words: of the vocabulary's {size:N0} tokens {(numStarts == 0 ? "none begins" : "each begins")} a word, so there are no word boundaries to go by. Leave whole_words out, or use a vocabulary of word pieces.");
        return new TokenMasking(config, tokenizer.SpecialTokens, size, startsWord);
    }

    /// <summary>Number of positions to choose in a row of <paramref name="length"/> tokens, [CLS] and [SEP] counted.</summary>
    public int CountFor(int length) => config.CountFor(length);

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

        var count = CountFor(ids.Length);
        var positions = config switch
        {
            { WholeWords: true } => DrawWords(WordsOf(candidates, ids), count, ref random),
            { DrawsWithReplacement: true } => DrawWithReplacement(candidates, count, ref random),
            _ => DrawDistinct(candidates, Math.Min(count, candidates.Count), ref random),
        };

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

    /// <summary>Words in a random order, each with all its tokens; one that would exceed the count is passed over (google-research/bert, create_masked_lm_predictions).</summary>
    static int[] DrawWords(List<(int Start, int Length)> words, int count, ref CounterRandom random)
    {
        var positions = new List<int>(count);
        for (var i = 0; i < words.Count && positions.Count < count; i++)
        {
            var j = i + random.NextInt32(words.Count - i);
            (words[i], words[j]) = (words[j], words[i]);
            if (positions.Count + words[i].Length <= count) positions.AddRange(Enumerable.Range(words[i].Start, words[i].Length));
        }
        positions.Sort();
        return [.. positions];
    }

    /// <summary>A word is a token that begins one, or follows a structural token, with those after it that do not begin one.</summary>
    List<(int Start, int Length)> WordsOf(List<int> candidates, ReadOnlySpan<int> ids)
    {
        var words = new List<(int Start, int Length)>();
        foreach (var position in candidates)
        {
            var continues = words is [.., var last] && last.Start + last.Length == position && startsWord is not null && !startsWord[ids[position]];
            if (continues) words[^1] = words[^1] with { Length = words[^1].Length + 1 };
            else words.Add((position, 1));
        }
        return words;
    }

    int RandomToken(ref CounterRandom random)
    {
        int id;
        do id = random.NextInt32(vocabularySize);
        while (specialTokens.IsStructural(id));
        return id;
    }
}
