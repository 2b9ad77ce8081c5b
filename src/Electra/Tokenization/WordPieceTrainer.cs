using System.Text;

namespace Electra.Tokenization;

/// <summary>Trains a WordPiece vocabulary: the words of BERT's basic tokenizer, joined from characters by frequency of pairs, as Hugging Face does.</summary>
public static class WordPieceTrainer
{
    const string Continuation = "##";

    /// <summary>Trains on <paramref name="lines"/> of UTF-8 text. The result does not depend on the number of workers.</summary>
    /// <param name="lines">Each need only be valid until the next is asked for.</param>
    /// <param name="config">How text is split to words, now and by the tokenizer that results.</param>
    /// <param name="training">Size, minimum frequency and bounds.</param>
    /// <param name="report">Is told in lines of text how far it is; may be null.</param>
    /// <exception cref="InvalidDataException">The text has no words.</exception>
    /// <exception cref="ArgumentException">The size has no room for the special tokens and the characters.</exception>
    public static WordPieceTokenizer Train(
        IEnumerable<ReadOnlyMemory<byte>> lines,
        WordPieceConfig config,
        VocabularyTrainingConfig training,
        SpecialTokenNames? names = null,
        Action<string>? report = null,
        CancellationToken stop = default)
    {
        training.Check();
        names ??= SpecialTokenNames.Bert;
        var folding = new CharacterFolding(config);
        var counts = WordCounter.Count(lines, () => NewCounter(folding, config), training, report, stop);
        if (counts.Distinct == 0) throw new InvalidDataException("The text has no words to make a vocabulary of.");

        var alphabet = Alphabet(counts, training.AlphabetLimit);
        var pieces = names.All.Concat(PiecesOf(counts, alphabet)).ToList();
        if (pieces.Count > training.Size)
            throw new ArgumentException(
                $"Vocabulary size {training.Size:N0}: the special tokens and the characters of the text alone are {pieces.Count:N0}. "
                + "Ask for more tokens or a smaller alphabet.");

        var merger = new PairMerger(pieces, (left, right) => left + right[Continuation.Length..]);
        var ids = pieces.Select((piece, id) => (piece, id)).ToDictionary(entry => entry.piece, entry => entry.id);
        for (var index = 0; index < counts.Distinct; index++)
            if (Spell(counts.Word(index), alphabet) is { } spelt) merger.Add([.. spelt.Select(piece => ids[piece])], counts.Count(index));
        merger.Learn(training.Size, training.MinFrequency, report, stop);
        return new WordPieceTokenizer(new Vocabulary(pieces), config, names);
    }

    static WordCounter.CountLine NewCounter(CharacterFolding folding, WordPieceConfig config)
    {
        var reader = new WordReader(folding, config.MaxWordCharacters);
        return (line, counts) =>
        {
            for (var position = 0; reader.Read(line, ref position);)
                if (!reader.IsTooLong) counts.Add(reader.Word);
        };
    }

    /// <summary>The most frequent characters; of equally frequent ones the first in the order of code points.</summary>
    static HashSet<Rune> Alphabet(WordCounts counts, int limit)
    {
        var frequency = new Dictionary<Rune, long>();
        for (var index = 0; index < counts.Distinct; index++)
            foreach (var character in Encoding.UTF8.GetString(counts.Word(index)).EnumerateRunes())
                frequency[character] = frequency.GetValueOrDefault(character) + counts.Count(index);
        return [.. frequency.OrderByDescending(entry => entry.Value).ThenBy(entry => entry.Key).Take(limit).Select(entry => entry.Key)];
    }

    /// <summary>Every character as the beginning of a word, then those that continue one, each in the order of code points.</summary>
    static IEnumerable<string> PiecesOf(WordCounts counts, HashSet<Rune> alphabet)
    {
        var continuing = new HashSet<Rune>();
        for (var index = 0; index < counts.Distinct; index++)
            continuing.UnionWith(Encoding.UTF8.GetString(counts.Word(index)).EnumerateRunes().Skip(1));
        return alphabet.Order().Select(character => character.ToString())
            .Concat(alphabet.Order().Where(continuing.Contains).Select(character => Continuation + character));
    }

    /// <summary>The word's characters as pieces, or null if one is outside the alphabet.</summary>
    static List<string>? Spell(ReadOnlySpan<byte> word, HashSet<Rune> alphabet)
    {
        var pieces = new List<string>();
        foreach (var character in Encoding.UTF8.GetString(word).EnumerateRunes())
        {
            if (!alphabet.Contains(character)) return null;
            pieces.Add(pieces.Count == 0 ? character.ToString() : Continuation + character);
        }
        return pieces;
    }
}
