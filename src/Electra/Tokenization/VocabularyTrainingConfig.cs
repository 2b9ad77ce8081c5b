namespace Electra.Tokenization;

/// <summary>What a vocabulary is trained to.</summary>
/// <param name="Size">Tokens wanted, special ones included; fewer come out when the text has no more pairs to join.</param>
/// <param name="MinFrequency">Least count of a pair of pieces that is joined to a token.</param>
/// <param name="AlphabetLimit">WordPiece: the most frequent characters that are kept; a word with any other is left out, as it will be unknown.</param>
/// <param name="Workers">Cores that count words; null for all. The vocabulary does not depend on it.</param>
/// <param name="MaxDistinctWords">Distinct words kept in memory; beyond them the rarest are dropped, which bounds memory for any corpus.</param>
public sealed record VocabularyTrainingConfig(
    int Size = 30_522,
    long MinFrequency = 2,
    int AlphabetLimit = 1_000,
    int? Workers = null,
    int MaxDistinctWords = 4_000_000)
{
    /// <exception cref="ArgumentException">A value lies outside its limits.</exception>
    public void Check()
    {
        if (Size is < 1 or > 10_000_000) throw new ArgumentException($"Vocabulary size {Size:N0}: it must lie in 1 to 10,000,000.");
        if (MinFrequency < 1) throw new ArgumentException($"Minimum frequency {MinFrequency:N0}: it must be at least 1.");
        if (AlphabetLimit < 1) throw new ArgumentException($"Alphabet of {AlphabetLimit:N0} characters: it must be at least 1.");
        if (Workers < 1) throw new ArgumentException($"{Workers} workers: at least 1 is needed.");
        if (MaxDistinctWords < 1_000) throw new ArgumentException($"{MaxDistinctWords:N0} distinct words: at least 1,000 are needed.");
    }
}
