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
