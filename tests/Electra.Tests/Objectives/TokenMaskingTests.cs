using Electra.Objectives;
using Electra.Randomness;
using Electra.Tokenization;

namespace Electra.Tests.Objectives;

public sealed class TokenMaskingTests
{
    const int Start = 2, Separator = 3, Padding = 0, Mask = 4, Unknown = 1;

    static readonly SpecialTokens Special = new(Start, Separator, Padding, Mask, Unknown);

    static TokenMasking Masking(TokenMaskingConfig? config = null) => new(config ?? new(), Special, vocabularySize: 1000);

    static CounterRandom Random(ulong place) => new(seed: 1, RandomPurpose.Masking, place);

    static int[] Row(int length) => [Start, .. Enumerable.Range(10, length - 2), Separator];

    [Theory]
    [InlineData(128, 19), InlineData(512, 77), InlineData(3, 1), InlineData(10, 2), InlineData(30, 4)] // 1.5 rounds to 2, 4.5 to 4: half to even
    public void The_number_of_chosen_tokens_is_the_references(int length, int expected) => Assert.Equal(expected, Masking().CountFor(length));

    [Fact]
    public void A_quarter_of_512_tokens_is_128() => Assert.Equal(128, Masking(new(MaskProbability: 0.25)).CountFor(512));

    [Fact]
    public void Chosen_positions_are_distinct_rising_and_never_structural()
    {
        var masking = Masking();
        for (ulong place = 0; place < 200; place++)
        {
            var random = Random(place);
            var (positions, _) = masking.Mask(Row(128), ref random);

            Assert.Equal(19, positions.Length);
            Assert.Equal(positions.Distinct().Order(), positions);
            Assert.DoesNotContain(0, positions);
            Assert.DoesNotContain(127, positions);
        }
    }

    [Fact]
    public void Eighty_five_percent_become_the_mask_and_the_rest_stays()
    {
        var (masked, kept) = (0, 0);
        for (ulong place = 0; place < 2000; place++)
        {
            var random = Random(place);
            var row = Row(128);
            var (positions, ids) = Masking().Mask(row, ref random);
            foreach (var position in positions)
            {
                if (ids[position] == Mask) masked++;
                else if (ids[position] == row[position]) kept++;
            }
        }
        Assert.Equal(2000 * 19, masked + kept);
        Assert.InRange(masked / 38_000.0, 0.845, 0.855); // 3 standard deviations are 0.0055
    }

    [Fact]
    public void Eighty_ten_ten_gives_random_tokens_too()
    {
        var replaced = 0;
        for (ulong place = 0; place < 2000; place++)
        {
            var random = Random(place);
            var row = Row(128);
            var (positions, ids) = Masking(new(MaskTokenShare: 0.8, RandomTokenShare: 0.1)).Mask(row, ref random);
            replaced += positions.Count(position => ids[position] != Mask && ids[position] != row[position]);
        }
        Assert.InRange(replaced / 38_000.0, 0.095, 0.105);
    }

    [Fact]
    public void Ten_thousand_rows_of_BERT_have_the_published_shares()
    {
        var (chosen, masked, random, kept) = (0, 0, 0, 0);
        for (ulong place = 0; place < 10_000; place++)
        {
            var draws = Random(place);
            var row = Row(128);
            var (positions, ids) = Masking(new(MaskTokenShare: 0.8, RandomTokenShare: 0.1)).Mask(row, ref draws);
            chosen += positions.Length;
            masked += positions.Count(position => ids[position] == Mask);
            kept += positions.Count(position => ids[position] == row[position]);
            random += positions.Count(position => ids[position] != Mask && ids[position] != row[position]);
        }

        Assert.Equal(190_000, chosen); // 19 of 128: 15 % rounded
        Assert.InRange(masked / 190_000.0, 0.797, 0.803); // 3 standard deviations are 0.0028
        Assert.InRange(kept / 190_000.0, 0.098, 0.1023); // and 0.0021; one random token in 996 is the token itself
        Assert.InRange(random / 190_000.0, 0.0978, 0.102);
    }

    static readonly bool[] StartsWord = [.. Enumerable.Range(0, 1000).Select(id => id % 3 == 0)];

    [Fact]
    public void Whole_words_are_chosen_with_all_their_pieces_and_never_more_than_asked()
    {
        // 9 10 11 | 12 13 14 | ...: words of three pieces.
        var masking = new TokenMasking(new(WholeWords: true), Special, vocabularySize: 1000, StartsWord);
        int[] row = [Start, .. Enumerable.Range(9, 126), Separator];
        var counts = new int[42];
        for (ulong place = 0; place < 2000; place++)
        {
            var random = Random(place);
            var (positions, _) = masking.Mask(row, ref random);

            Assert.Equal(18, positions.Length); // 19 are asked for, a seventh word would make 21
            Assert.All(positions.Chunk(3), word => Assert.Equal([word[0], word[0] + 1, word[0] + 2], word));
            Assert.All(positions.Chunk(3), word => Assert.Equal(1, word[0] % 3));
            foreach (var word in positions.Chunk(3)) counts[(word[0] - 1) / 3]++;
        }
        Assert.All(counts, count => Assert.InRange(count, 225, 350)); // 2,000 x 6 / 42 = 286 each, standard deviation 16
    }

    [Fact]
    public void A_word_divided_by_a_separator_is_two_words()
    {
        var masking = new TokenMasking(new(MaskProbability: 0.3, WholeWords: true), Special, vocabularySize: 1000, StartsWord);
        for (ulong place = 0; place < 50; place++)
        {
            var random = Random(place);
            // 9 10 [SEP] 11 [SEP]: 2 of 6 may be chosen, so 9 and 10, or 11.
            var (positions, _) = masking.Mask([Start, 9, 10, Separator, 11, Separator], ref random);
            Assert.Contains(positions, (int[][])[[1, 2], [4]]);
        }
    }

    [Fact]
    public void Whole_words_need_a_vocabulary_that_tells_where_words_begin()
    {
        var letters = new Electra.Tokenization.WordPieceTokenizer(new Vocabulary(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b"]), new WordPieceConfig());

        Assert.Contains("no word boundaries", Assert.Throws<InvalidDataException>(() => TokenMasking.For(new(WholeWords: true), letters)).Message);
    }

    [Fact]
    public void Every_position_is_equally_likely()
    {
        var counts = new int[20];
        for (ulong place = 0; place < 20_000; place++)
        {
            var random = Random(place);
            foreach (var position in Masking().Mask(Row(20), ref random).Positions) counts[position]++;
        }
        // 3 of 18 candidates: 20,000 / 6 = 3,333 each, standard deviation 53.
        Assert.All(counts[1..19], count => Assert.InRange(count, 3_100, 3_570));
    }

    [Fact]
    public void A_row_without_candidates_chooses_nothing()
    {
        var random = Random(0);

        Assert.Empty(Masking().Mask([Start, Separator], ref random).Positions);
    }

    [Fact]
    public void Drawing_with_replacement_repeats_about_seven_percent()
    {
        var distinct = 0;
        for (ulong place = 0; place < 2000; place++)
        {
            var random = Random(place);
            distinct += Masking(new(DrawsWithReplacement: true)).Mask(Row(128), ref random).Positions.Distinct().Count();
        }
        Assert.InRange(distinct / 2000.0, 17.6, 17.8); // 126 x (1 - (125/126)^19) = 17.70
    }
}
