using Electra.Evaluation;

namespace Electra.Tests.Evaluation;

public sealed class SignificanceTests
{
    [Fact]
    public void Mcnemar_counts_only_examples_that_one_gets_right() =>
        Assert.Equal(new McNemarTest(2, 1), McNemarTest.Of([true, true, true, false, false], [false, false, true, true, false]));

    [Fact]
    public void Mcnemars_exact_p_is_two_binomial_tails()
    {
        // 1 against 5: P(X up to 1) of six fair coins is 7/64.
        Assert.Equal(14 / 64.0, new McNemarTest(1, 5).ExactPValue, 12);
        Assert.Equal(14 / 64.0, new McNemarTest(5, 1).ExactPValue, 12);
    }

    [Fact]
    public void The_mid_p_counts_the_observed_outcome_half() => Assert.Equal((14 - 6) / 64.0, new McNemarTest(1, 5).MidPValue, 12);

    [Fact]
    public void Equal_counts_show_no_difference()
    {
        Assert.Equal(1, new McNemarTest(3, 3).ExactPValue);
        Assert.Equal(1 - 20 / 64.0 / 2, new McNemarTest(3, 3).MidPValue, 12);
        Assert.Equal(1, new McNemarTest(0, 0).ExactPValue);
    }

    [Fact]
    public void Mcnemar_of_thousands_does_not_underflow()
    {
        // Normal approximation with continuity correction: z = (|5100 - 4900| - 1) / 100 = 1.99, p = 0.0466.
        Assert.Equal(0.0466, new McNemarTest(4900, 5100).ExactPValue, 3);
    }

    [Fact]
    public void A_system_compared_with_itself_is_not_different()
    {
        double[] scores = [1, 0, 1, 1, 0, 1];

        var result = PairedBootstrap.CompareMeans(scores, scores, numResamples: 200);

        Assert.Equal((0, 0, 0, 1), (result.Difference, result.Lower, result.Upper, result.PValue));
    }

    [Fact]
    public void A_system_better_on_every_example_is_surely_better()
    {
        var first = new double[100];
        double[] second = [.. first.Select((_, i) => 0.5 + 0.001 * (i % 7))];

        var result = PairedBootstrap.CompareMeans(first, second, numResamples: 999);

        Assert.InRange(result.Lower, 0.5, result.Difference);
        Assert.Equal(1.0 / 1000, result.PValue);
    }

    [Fact]
    public void The_interval_is_that_of_the_normal_law()
    {
        // 400 differences of +1 or -1, 230 to 170: mean 0.15, standard error sqrt(1 - 0.0225) / 20 = 0.0494; z = 3.03, p = 0.0024.
        double[] first = new double[400], second = [.. Enumerable.Range(0, 400).Select(i => i < 230 ? 1.0 : -1.0)];

        var result = PairedBootstrap.CompareMeans(first, second, seed: 7);

        Assert.Equal(0.15, result.Difference, 12);
        Assert.InRange(result.Lower, 0.15 - 1.96 * 0.0494 - 0.006, 0.15 - 1.96 * 0.0494 + 0.006);
        Assert.InRange(result.Upper, 0.15 + 1.96 * 0.0494 - 0.006, 0.15 + 1.96 * 0.0494 + 0.006);
        Assert.InRange(result.PValue, 0.0010, 0.0045);
    }

    [Fact]
    public void Equal_seeds_give_equal_results_and_others_do_not()
    {
        double[] first = [.. Enumerable.Range(0, 50).Select(i => (double)(i % 3))], second = [.. Enumerable.Range(0, 50).Select(i => (double)(i % 4))];
        PairedBootstrap Run(ulong seed) => PairedBootstrap.CompareMeans(first, second, seed, numResamples: 500);

        Assert.Equal(Run(1), Run(1));
        Assert.NotEqual(Run(1), Run(2));
    }

    [Fact]
    public void Any_metric_can_be_compared_and_undefined_draws_are_left_out()
    {
        bool[] isPositive = [true, false, false];
        float[] bad = [0, 1, 2], good = [2, 1, 0];
        double Area(float[] scores, int[] rows) => AreaUnderRocCurve.Compute([.. rows.Select(row => scores[row])], [.. rows.Select(row => isPositive[row])]);

        var result = PairedBootstrap.Compare(3, rows => (Area(bad, rows), Area(good, rows)), numResamples: 100);

        Assert.Equal((0, 1), (result.First, result.Second));
        Assert.InRange(result.NumResamples, 40, 90); // (8 + 1) / 27 of the draws hold one class only
        Assert.Equal(1, result.Lower);
    }
}
