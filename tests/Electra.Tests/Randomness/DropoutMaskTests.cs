using Electra.Randomness;

namespace Electra.Tests.Randomness;

public sealed class DropoutMaskTests
{
    [Theory]
    [InlineData(5, 64, 0.1)]
    [InlineData(3, 40, 0.5)]
    [InlineData(4, 21, 0.1)]
    public void A_hidden_mask_is_the_hash_of_its_element(int tokens, int hidden, double probability)
    {
        const uint Key = 0x12345678;
        var mask = new float[tokens * hidden];
        DropoutMask.FillHidden(mask, tokens, hidden, Key, probability);

        var threshold = (uint)Math.Round(probability * 65536);
        var stride = (hidden + 31) / 32 * 32;
        for (var token = 0; token < tokens; token++)
        {
            for (var column = 0; column < hidden; column++)
            {
                var element = (uint)(token * stride + column);
                var word = Mix(((element >> 5) * 16 + (element & 15)) ^ Key);
                var bits = ((element >> 4) & 1) == 0 ? word & 0xffff : word >> 16;
                Assert.Equal(bits >= threshold ? 65536f / (65536 - threshold) : 0, mask[token * hidden + column]);
            }
        }
    }

    [Theory]
    [InlineData(2, 16, 0.1)]
    [InlineData(3, 13, 0.4)]
    public void An_attention_mask_is_the_hash_of_head_query_and_key(int heads, int tokens, double probability)
    {
        const uint Key = 0x9abcdef0;
        var mask = new float[heads * tokens * tokens];
        DropoutMask.FillAttention(mask, heads, tokens, Key, probability);

        var threshold = (uint)Math.Round(probability * 4294967296.0);
        for (var i = 0; i < mask.Length; i++)
        {
            var (head, query, key) = ((uint)(i / (tokens * tokens)), (uint)(i / tokens % tokens), (uint)(i % tokens));
            var kept = Mix(((head * 4096 + query) * 4096 + key) ^ Key) >= threshold;
            Assert.Equal(kept ? (float)(1 / (1 - probability)) : 0, mask[i]);
        }
    }

    [Fact]
    public void One_in_ten_is_dropped_and_the_mean_stays_one()
    {
        var mask = new float[512 * 256];
        DropoutMask.FillHidden(mask, 512, 256, DropoutMask.Key(seed: 1, step: 2, place: 3, site: 4), 0.1);

        Assert.InRange(mask.Count(value => value == 0) / (double)mask.Length, 0.096, 0.104);    // five standard deviations
        Assert.InRange(mask.Average(), 0.995, 1.005);
    }

    [Fact]
    public void A_probability_of_zero_keeps_everything()
    {
        var (hidden, attention) = (new float[3 * 20], new float[2 * 9]);
        DropoutMask.FillHidden(hidden, 3, 20, 1, 0);
        DropoutMask.FillAttention(attention, 2, 3, 1, 0);

        Assert.All(hidden, value => Assert.Equal(1, value));
        Assert.All(attention, value => Assert.Equal(1, value));
    }

    [Fact]
    public void Keys_differ_by_seed_step_place_and_site()
    {
        uint[] keys = [DropoutMask.Key(1, 1, 1, 1), DropoutMask.Key(2, 1, 1, 1), DropoutMask.Key(1, 2, 1, 1), DropoutMask.Key(1, 1, 2, 1), DropoutMask.Key(1, 1, 1, 2)];

        Assert.Equal(keys.Length, keys.Distinct().Count());
    }

    [Fact]
    public void Sites_differ_by_encoder_layer_and_sublayer()
    {
        var sites =
            from encoder in Enumerable.Range(0, 3)
            from layer in Enumerable.Range(0, 48)
            from sublayer in Enum.GetValues<DropoutSublayer>()
            select DropoutMask.Site(encoder, layer, sublayer);

        Assert.Equal(3 * 48 * 4, sites.Distinct().Count());
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1)]
    [InlineData(double.NaN)]
    public void A_probability_outside_zero_and_one_is_refused(double probability) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => DropoutMask.FillHidden(new float[8], 1, 8, 0, probability));

    static uint Mix(uint x)
    {
        x ^= x >> 16;
        x *= 0x7feb352d;
        x ^= x >> 15;
        x *= 0x846ca68b;
        return x ^ (x >> 16);
    }
}
