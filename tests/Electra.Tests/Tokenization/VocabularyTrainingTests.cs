using System.Text;
using CsCheck;
using Electra.Tokenization;
using static Electra.Tests.Tokenization.TokenizationReference;

namespace Electra.Tests.Tokenization;

public sealed class VocabularyTrainingTests
{
    /// <summary>hug 10, pug 5, pun 12, bun 4, hugs 5: the example of the Hugging Face course.</summary>
    static readonly string[] Hugs =
        [.. new[] { ("hug", 10), ("pug", 5), ("pun", 12), ("bun", 4), ("hugs", 5) }.Select(entry => string.Join(' ', Enumerable.Repeat(entry.Item1, entry.Item2)))];

    static IEnumerable<ReadOnlyMemory<byte>> Lines(params IEnumerable<string> lines) => lines.Select(line => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(line));

    static WordPieceTokenizer TrainWordPiece(IEnumerable<string> lines, VocabularyTrainingConfig training, WordPieceConfig? config = null) =>
        WordPieceTrainer.Train(Lines(lines), config ?? new WordPieceConfig(), training);

    static ByteLevelBpeTokenizer TrainBpe(IEnumerable<string> lines, VocabularyTrainingConfig training) =>
        ByteLevelBpeTrainer.Train(Lines(lines), new ByteLevelBpeConfig(), training);

    [Fact]
    public void The_most_frequent_pairs_are_joined_first()
    {
        var vocabulary = TrainWordPiece(Hugs, new VocabularyTrainingConfig(Size: 20)).Vocabulary;

        Assert.Equal(
            ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "b", "g", "h", "n", "p", "s", "u", "##g", "##n", "##s", "##u",
             "##ug",  // 20 times
             "##un",  // 16
             "hug",   // 15
             "pun"],  // 12
            vocabulary.Tokens);
    }

    [Fact]
    public void Byte_level_merges_follow_frequency()
    {
        var tokenizer = TrainBpe(Hugs.Select(line => " " + line), new VocabularyTrainingConfig(Size: 4 + 256 + 4 + 1));

        // Every word has its space: "ug" 20, "Ġp" 17, "un" 16; then "h ug" and "Ġ h" 15 each, of which "h" comes first.
        Assert.Equal([("u", "g"), ("Ġ", "p"), ("u", "n"), ("h", "ug")], tokenizer.Merges);
        Assert.Equal(["<s>", "<pad>", "</s>", "<unk>", "Ā"], tokenizer.Vocabulary.Tokens.Take(5));
        Assert.Equal(["ug", "Ġp", "un", "hug", "<mask>"], tokenizer.Vocabulary.Tokens.TakeLast(5));
    }

    [Fact]
    public void Of_equally_frequent_pairs_the_first_in_order_of_text_is_joined()
    {
        Assert.Equal([("a", "z"), ("b", "c"), ("x", "y")], TrainBpe(["xy", "bc", "az", "az", "xy", "bc"], new VocabularyTrainingConfig(Size: 264)).Merges);
    }

    [Theory]
    [InlineData(1, true), InlineData(3, true), InlineData(4, false)]
    public void Pairs_below_the_minimum_frequency_are_not_joined(int minFrequency, bool isJoined) =>
        Assert.Equal(isJoined, TrainBpe(["ab", "ab", "ab"], new VocabularyTrainingConfig(Size: 300, MinFrequency: minFrequency)).Merges is [("a", "b")]);

    [Fact]
    public void Training_equals_counting_everything_anew_after_each_merge() =>
        Gen.OneOf("a", "b", "c").Array[1, 6].Select(string.Concat).Array[1, 30].Sample(words =>
        {
            var expected = MergePlainly(words, numMerges: 12);
            var merges = TrainBpe(words, new VocabularyTrainingConfig(Size: 4 + 256 + 12 + 1, MinFrequency: 1)).Merges;
            Assert.Equal(expected, merges.Take(expected.Count));
        }, iter: 200);

    [Fact]
    public void The_number_of_workers_changes_nothing()
    {
        var texts = Read(Path.Combine(Folder, "bert-base-uncased.jsonl"), SpecialTokenNames.Bert).Select(example => example.Text).ToList();
        var many = Enumerable.Range(0, 150).SelectMany(repeat => texts.Select(text => $"{text} {repeat * text.Length % 977}")).ToList(); // several batches

        string Identity(int workers) => TrainWordPiece(many, new VocabularyTrainingConfig(Size: 1_500, Workers: workers)).Identity;

        Assert.Equal(Identity(1), Identity(2));
        Assert.Equal(Identity(1), Identity(5));
    }

    [Fact]
    public void Rare_words_give_way_when_memory_is_short()
    {
        // Each line is a batch of its own, 4 MiB and more: 700 words that no other has, and one that all have.
        var lines = Enumerable.Range(0, 4).Select(batch => string.Concat(Enumerable.Range(0, 700).Select(word => $"{(char)('a' + batch)}{word} "))
            + string.Concat(Enumerable.Repeat("common ", 700_000)));
        var dropped = new List<string>();

        string Train(int workers)
        {
            var training = new VocabularyTrainingConfig(Size: 200, Workers: workers, MaxDistinctWords: 1_000);
            var tokenizer = WordPieceTrainer.Train(Lines(lines), new WordPieceConfig(), training, report: dropped.Add);
            Assert.Equal(["common"], tokenizer.Tokens("common"));
            return tokenizer.Identity;
        }

        Assert.Equal(Train(1), Train(3));
        Assert.Contains(dropped, line => line.StartsWith("more than 1,000 distinct words"));
    }

    [Fact]
    public void Casing_and_accents_are_those_asked_for()
    {
        string[] text = ["Été ÉTÉ été"];
        var training = new VocabularyTrainingConfig(Size: 60, MinFrequency: 1);

        Assert.Equal(["ete"], TrainWordPiece(text, training).Tokens("été"));
        Assert.Equal(["été"], TrainWordPiece(text, training, new WordPieceConfig(StripAccents: false)).Tokens("ÉTÉ"));
        Assert.Equal(["Été"], TrainWordPiece(text, training, new WordPieceConfig(LowerCase: false)).Tokens("Été"));
    }

    [Fact]
    public void Words_with_characters_outside_the_alphabet_are_left_out()
    {
        var tokenizer = TrainWordPiece(["aa ab ab aq"], new VocabularyTrainingConfig(Size: 30, MinFrequency: 1, AlphabetLimit: 2));

        Assert.Equal(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "##a", "##b", "ab", "aa"], tokenizer.Vocabulary.Tokens);
        Assert.Equal(["[UNK]"], tokenizer.Tokens("aq"));
    }

    [Fact]
    public void A_trained_vocabulary_spells_its_own_text_without_unknowns()
    {
        var tokenizer = TrainWordPiece(Hugs, new VocabularyTrainingConfig(Size: 18));

        Assert.Equal(["h", "##ug", "##s"], tokenizer.Tokens("hugs"));
        Assert.DoesNotContain("[UNK]", Hugs.SelectMany(tokenizer.Tokens));
    }

    [Fact]
    public void Impossible_wishes_are_refused()
    {
        Assert.Contains("size 10", Assert.Throws<ArgumentException>(() => TrainWordPiece(Hugs, new VocabularyTrainingConfig(Size: 10))).Message);
        Assert.Contains("261", Assert.Throws<ArgumentException>(() => TrainBpe(Hugs, new VocabularyTrainingConfig(Size: 260))).Message);
        Assert.Throws<ArgumentException>(() => TrainBpe(Hugs, new VocabularyTrainingConfig(MinFrequency: 0)));
        Assert.Throws<InvalidDataException>(() => TrainWordPiece([], new VocabularyTrainingConfig()));
        Assert.Throws<InvalidDataException>(() => TrainWordPiece([" \u0001 "], new VocabularyTrainingConfig()));
        Assert.Throws<InvalidDataException>(() => TrainBpe([""], new VocabularyTrainingConfig()));
    }

    /// <summary>Byte-pair encoding as in the paper: count all pairs, join the most frequent everywhere, repeat.</summary>
    static List<(string, string)> MergePlainly(IEnumerable<string> words, int numMerges)
    {
        var spelt = words.Select(word => word.Select(letter => letter.ToString()).ToList()).ToList();
        var merges = new List<(string, string)>();
        while (merges.Count < numMerges)
        {
            var pairs = spelt.SelectMany(word => word.Zip(word.Skip(1))).CountBy(pair => pair).ToList();
            if (pairs.Count == 0) break;
            var best = pairs.OrderByDescending(pair => pair.Value)
                .ThenBy(pair => pair.Key.First, StringComparer.Ordinal).ThenBy(pair => pair.Key.Second, StringComparer.Ordinal).First().Key;
            merges.Add(best);
            foreach (var word in spelt)
                for (var i = 0; i + 1 < word.Count; i++)
                {
                    if ((word[i], word[i + 1]) != best) continue;
                    word[i] += word[i + 1];
                    word.RemoveAt(i + 1);
                }
        }
        return merges;
    }
}
