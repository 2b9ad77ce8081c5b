using Electra.Evaluation;
using Electra.Randomness;

namespace Electra.Tests.Evaluation;

public sealed class RankingTests
{
    [Fact]
    public void The_area_is_the_share_of_pairs_in_order()
    {
        // Positives 3 and 1, negatives 2 and 0: of four pairs only (1, 2) is out of order.
        Assert.Equal(0.75, AreaUnderRocCurve.Compute([3, 2, 1, 0], [true, false, true, false]));
    }

    [Fact]
    public void A_tie_counts_one_half() => Assert.Equal(0.5, AreaUnderRocCurve.Compute([1, 1, 1], [true, false, false]));

    [Fact]
    public void Positive_and_negative_zero_tie() => Assert.Equal(0.5, AreaUnderRocCurve.Compute([-0f, 0f], [true, false]));

    [Fact]
    public void Infinite_scores_have_their_place() =>
        Assert.Equal(1, AreaUnderRocCurve.Compute([float.PositiveInfinity, float.NegativeInfinity, -1], [true, false, false]));

    [Fact]
    public void The_area_is_undefined_without_both_classes() => Assert.True(double.IsNaN(AreaUnderRocCurve.Compute([1, 2], [true, true])));

    [Fact]
    public void The_area_is_undefined_with_a_score_that_is_no_number() =>
        Assert.True(double.IsNaN(AreaUnderRocCurve.Compute([1, float.NaN], [true, false])));

    [Theory]
    [InlineData(500), InlineData(20_000)] // either side of where the radix sort begins
    public void The_area_equals_the_count_over_all_pairs(int count)
    {
        var (scores, isPositive) = Draw(count, distinct: 300);

        var ranks = Correlation.AverageRanks([.. scores.Select(score => (double)score)]);
        double numPositive = isPositive.Count(flag => flag), rankSum = ranks.Where((_, i) => isPositive[i]).Sum();
        var expected = (rankSum - numPositive * (numPositive + 1) / 2) / (numPositive * (count - numPositive));

        Assert.Equal(expected, AreaUnderRocCurve.Compute(scores, isPositive), 12);
    }

    [Fact]
    public void The_area_may_be_asked_for_between_additions()
    {
        var curve = new AreaUnderRocCurve();
        curve.Add([2, 1], [true, false]);
        Assert.Equal(1, curve.Compute());

        curve.Add(3, isPositive: false);

        Assert.Equal(0.5, curve.Compute());
        Assert.Equal(3, curve.Count);
    }

    [Fact]
    public void Average_precision_weighs_precision_by_the_recall_it_adds()
    {
        // By falling score: positive (precision 1), negative, positive (precision 2/3).
        Assert.Equal((1 + 2.0 / 3) / 2, AveragePrecision.Compute([0.9f, 0.8f, 0.7f], [true, false, true]), 12);
    }

    [Fact]
    public void Tied_scores_share_a_threshold_in_average_precision() =>
        Assert.Equal(1.0 / 2, AveragePrecision.Compute([1, 1], [true, false]));

    [Fact]
    public void Average_precision_is_undefined_without_positives() => Assert.True(double.IsNaN(AveragePrecision.Compute([1], [false])));

    [Fact]
    public void Ties_share_their_average_rank() => Assert.Equal([1, 2.5, 2.5, 4], Correlation.AverageRanks([-1, 5, 5, 7]));

    [Fact]
    public void Pearson_of_a_line_is_1_and_of_a_falling_one_minus_1()
    {
        Assert.Equal(1, Correlation.Pearson([1, 2, 3], [10, 20, 30]), 12);
        Assert.Equal(-1, Correlation.Pearson([1, 2, 3], [3, 2, 1]), 12);
    }

    [Fact]
    public void Pearson_by_hand()
    {
        // Deviations (-1, 0, 1) and (-1, 1, 0): products 1, squares 2 and 2.
        Assert.Equal(0.5, Correlation.Pearson([1, 2, 3], [1, 3, 2]), 12);
    }

    [Fact]
    public void Spearman_sees_order_only() => Assert.Equal(1, Correlation.Spearman([1, 2, 3], [1, 100, 10_000]), 12);

    [Fact]
    public void A_correlation_with_a_constant_is_undefined() => Assert.True(double.IsNaN(Correlation.Pearson([1, 2], [3, 3])));

    [Fact]
    public void Mean_median_and_sample_deviation()
    {
        double[] values = [4, 2, 9, 1];

        Assert.Equal(4, Statistics.Mean(values));
        Assert.Equal(3, Statistics.Median(values));
        Assert.Equal(Math.Sqrt((0 + 4 + 25 + 9) / 3.0), Statistics.StandardDeviation(values), 12);
        Assert.True(double.IsNaN(Statistics.StandardDeviation([1])));
        Assert.True(double.IsNaN(Statistics.Median([])));
    }

    [Fact]
    public void Quantiles_lie_on_the_line_between_neighbours() => Assert.Equal(2.5, Statistics.Quantile([10, 0], 0.25));

    static (float[] Scores, bool[] IsPositive) Draw(int count, int distinct)
    {
        var random = new CounterRandom(1, RandomPurpose.Resampling, (ulong)count);
        var scores = new float[count];
        var isPositive = new bool[count];
        for (var i = 0; i < count; i++)
        {
            scores[i] = random.NextInt32(distinct) - distinct / 2;
            isPositive[i] = random.NextInt32(10) == 0;
        }
        return (scores, isPositive);
    }
}
