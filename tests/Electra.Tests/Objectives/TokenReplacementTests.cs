using Electra.Model;
using Electra.Objectives;
using static TorchSharp.torch;

namespace Electra.Tests.Objectives;

[Collection("torch")]
public sealed class TokenReplacementTests
{
    static readonly TokenBatch Original = TokenBatch.Pad([[2, 10, 11, 3], [2, 12, 13, 3]], null, paddingId: 0);

    [Fact]
    public void A_lucky_guess_is_labelled_as_kept()
    {
        var (corrupted, isReplaced) = TokenReplacement.Apply(Original, positions: [1, 6], sampledIds: [99, 13]);

        Assert.Equal([2, 99, 11, 3, 2, 12, 13, 3], corrupted.Ids.ToArray());
        Assert.Equal([false, true, false, false, false, false, false, false], isReplaced);
    }

    [Fact]
    public void A_position_drawn_twice_takes_the_mean_of_its_samples_as_the_reference_code_does()
    {
        var (corrupted, _) = TokenReplacement.Apply(Original, positions: [1, 1, 6], sampledIds: [20, 25, 13]);

        Assert.Equal(22, corrupted.Ids[1]);
    }

    [Fact]
    public void Samples_follow_the_softmax_of_the_logits()
    {
        using var logits = tensor(new[,] { { 0f, 1f, 2f } });
        var counts = new int[3];
        for (var i = 0; i < 10_000; i++) counts[TokenReplacement.Sample(logits, [(i + 0.5) / 10_000])[0]]++;

        // softmax(0, 1, 2) = 0.0900, 0.2447, 0.6652; the draws are a grid, so the counts are exact to one.
        Assert.InRange(counts[0], 899, 902);
        Assert.InRange(counts[1], 2446, 2449);
        Assert.InRange(counts[2], 6651, 6654);
    }

    [Fact]
    public void Temperature_flattens_the_distribution()
    {
        using var logits = tensor(new[,] { { 0f, 2f } });
        var ones = Enumerable.Range(0, 1000).Count(i => TokenReplacement.Sample(logits, [(i + 0.5) / 1000], temperature: 2)[0] == 1);

        Assert.InRange(ones, 730, 732); // 1 / (1 + e^-1) = 0.7311
    }

    [Fact]
    public void The_original_is_never_drawn_where_it_is_forbidden()
    {
        using var logits = tensor(new[,] { { 0f, 10f, 0f } });

        Assert.All(Enumerable.Range(0, 100), i => Assert.NotEqual(1, TokenReplacement.Sample(logits, [(i + 0.5) / 100], forbidden: [1])[0]));
    }

    [Fact]
    public void A_device_draws_the_same_tokens()
    {
        using var scope = NewDisposeScope();
        const int rows = 200, vocabulary = 5000;
        var probabilities = nn.functional.softmax(randn([rows, vocabulary], generator: new TorchSharp.torch.Generator(3)) * 2, 1);
        var random = new Random(3);
        double[] draws = [.. Enumerable.Range(0, rows).Select(_ => random.NextDouble())];

        var numEqual = TokenReplacement.FromCumulativeSums(probabilities, draws)
            .Zip(TokenReplacement.FromCumulativeDistribution(probabilities, draws)).Count(pair => pair.First == pair.Second);
        Assert.InRange(numEqual, rows - 2, rows); // a draw on the edge of two tokens may fall to either, by the rounding of the sums
        Assert.Equal([0, vocabulary - 1], TokenReplacement.FromCumulativeSums(probabilities.narrow(0, 0, 2), [0, 1 - 1e-16]));
    }

    [Fact]
    public void Draws_at_the_ends_stay_inside_the_vocabulary()
    {
        using var logits = tensor(new[,] { { 0f, 0f, 0f }, { 0f, 0f, 0f } });

        Assert.Equal([0, 2], TokenReplacement.Sample(logits, [0, 1 - 1e-16]));
    }
}
