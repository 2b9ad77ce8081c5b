using Electra.Randomness;

namespace Electra.Tests.Randomness;

public sealed class RandomnessTests
{
    [Fact]
    public void Philox_gives_the_published_words()
    {
        // Known-answer vectors of Random123 (Salmon et al. 2011), philox4x32-10.
        Assert.Equal((0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u), Philox.Generate(0, 0, 0));
        Assert.Equal((0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu), Philox.Generate(ulong.MaxValue, ulong.MaxValue, ulong.MaxValue));
    }

    [Theory]
    [InlineData(1), InlineData(2), InlineData(7), InlineData(64), InlineData(1000), InlineData(65_537)]
    public void A_permutation_visits_every_index_once(long count)
    {
        var permutation = new KeyedPermutation(count, seed: 3, place: 5);

        var visited = new bool[count];
        for (long i = 0; i < count; i++) visited[permutation[i]] = true;

        Assert.DoesNotContain(false, visited);
    }

    [Fact]
    public void Another_epoch_gives_another_order()
    {
        var first = new KeyedPermutation(1000, seed: 3, place: 0);
        var second = new KeyedPermutation(1000, seed: 3, place: 1);

        Assert.InRange(Enumerable.Range(0, 1000).Count(i => first[i] == second[i]), 0, 10);
    }

    [Fact]
    public void Integers_below_a_bound_are_uniform()
    {
        var random = new CounterRandom(1, RandomPurpose.Masking, 2);
        var counts = new int[10];
        for (var i = 0; i < 100_000; i++) counts[random.NextInt32(10)]++;

        Assert.All(counts, count => Assert.InRange(count, 9_600, 10_400)); // 4 standard deviations are 380
    }

    [Fact]
    public void Purposes_and_places_do_not_share_draws()
    {
        uint First(RandomPurpose purpose, ulong place) => new CounterRandom(1, purpose, place).NextUInt32();

        Assert.NotEqual(First(RandomPurpose.Masking, 1), First(RandomPurpose.Replacement, 1));
        Assert.NotEqual(First(RandomPurpose.Masking, 1), First(RandomPurpose.Masking, 2));
    }
}
