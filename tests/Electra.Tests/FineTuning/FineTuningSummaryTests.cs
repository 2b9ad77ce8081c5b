using Electra.FineTuning;

namespace Electra.Tests.FineTuning;

public sealed class FineTuningSummaryTests
{
    static FineTuningResult Result(ulong seed, double value, double rate = 1e-4, bool hasFailed = false, string metric = "accuracy") => new(
        $"rate-{rate}-seed-{seed}", "mine", "model", seed, rate, 32, 100, 10, 10, 0, metric, value, hasFailed,
        new Dictionary<string, IReadOnlyDictionary<string, double>>(),
        new Dictionary<string, IReadOnlyDictionary<string, double>> { ["dev"] = new Dictionary<string, double> { [metric] = 0.5 } }, 1, 1, 1, 1, "machine", default);

    static FineTuningSummary Best(params FineTuningResult[] units) => FineTuningSummary.Of(units, keepsBest: true);

    [Fact]
    public void Five_seeds_have_a_median_a_mean_and_a_spread()
    {
        var setting = Assert.Single(Best(Result(1, 0.1), Result(2, 0.5), Result(3, 0.3), Result(4, 0.2), Result(5, 0.4)).Settings);

        Assert.Equal(0.3, setting.Median, 12);
        Assert.Equal(0.3, setting.Mean, 12);
        // Squares of -0.2, -0.1, 0, 0.1, 0.2 sum to 0.1; divided by 4 and rooted.
        Assert.Equal(0.158114, setting.StandardDeviation, 6);
    }

    [Fact]
    public void The_spread_of_one_seed_is_null() =>
        Assert.Contains("\"standard_deviation\": null", Best(Result(1, 0.1)).ToJson());

    [Fact]
    public void A_failed_seed_is_named_and_counted_in()
    {
        var setting = Assert.Single(Best(Result(1, 0.8), Result(2, 0.5, hasFailed: true)).Settings);

        Assert.Equal([2UL], setting.FailedSeeds);
        Assert.Equal(0.65, setting.Mean, 12);
    }

    [Fact]
    public void Settings_stand_by_their_median_and_an_undefined_value_is_left_out()
    {
        var summary = Best(Result(1, 0.9), Result(2, 0.1), Result(3, 0.1), Result(1, 0.4, 3e-4), Result(2, double.NaN, 3e-4));

        Assert.Equal([3e-4, 1e-4], summary.Settings.Select(setting => setting.LearningRate));   // medians 0.4 and 0.1
        Assert.Equal("rate-0.0001-seed-1", summary.BestUnit);
        Assert.Equal(0.5, summary.Majority);
    }

    [Fact]
    public void Of_an_error_less_is_better() => Assert.Equal(
        "rate-0.0001-seed-2", Best(Result(1, 0.9, metric: "mse"), Result(2, 0.1, metric: "mse")).BestUnit);

    [Fact]
    public void Where_the_dev_set_chooses_no_step_it_chooses_no_seed_but_the_median_one()
    {
        FineTuningResult[] units = [Result(1, 0.9), Result(2, 0.1, hasFailed: true), Result(3, 0.5), Result(4, 0.7), Result(5, 0.6)];

        var summary = FineTuningSummary.Of(units, keepsBest: false);

        Assert.Equal(("rate-0.0001-seed-5", true), (summary.BestUnit, summary.IsMedian));   // of 0.5, 0.6, 0.7 and 0.9 the worse of the two in the middle
        Assert.Equal("rate-0.0001-seed-1", Best(units).BestUnit);
        // A better setting has the word, and its undefined run has none.
        Assert.Equal("rate-0.0003-seed-2", FineTuningSummary.Of([.. units, Result(1, double.NaN, 3e-4), Result(2, 0.95, 3e-4)], keepsBest: false).BestUnit);
    }

    [Fact]
    public void A_run_that_was_given_up_is_never_the_one_that_is_meant()
    {
        var givenUp = Result(1, double.NaN, hasFailed: true) with { Failure = "Step 10: no numbers." };

        Assert.Equal("rate-0.0001-seed-2", Best(givenUp, Result(2, 0.5, hasFailed: true)).BestUnit);
        Assert.Equal("rate-0.0001-seed-2", Best(givenUp, Result(2, double.NaN)).BestUnit);
        Assert.Null(Best(givenUp).BestUnit);
    }

    [Theory]
    [InlineData(1e-4, "1e-4"), InlineData(3.5e-5, "3.5e-5"), InlineData(1.2345e-4, "1.2345e-4"), InlineData(0.1 + 0.2, "3.0000000000000004e-1"), InlineData(1, "1e+0")]
    public void A_rate_is_named_by_all_its_digits(double rate, string name) => Assert.Equal(name, FineTuningUnit.TextOf(rate));

    [Fact]
    public void Rates_that_are_nearly_alike_have_folders_of_their_own() => Assert.Equal(
        ["rate-1.231e-4-batch-8-seed-3", "rate-1.234e-4-batch-8-seed-3"], FineTuningUnit.Of(TinyEncoder.Recipe("schedule.peak=[1.231e-4, 1.234e-4]"), 1).Select(unit => unit.Name));

    [Fact]
    public void A_grid_runs_every_rate_with_every_size_and_every_seed()
    {
        var units = FineTuningUnit.Of(TinyEncoder.Recipe("schedule.peak=[1e-4, 3e-5]", "batch.size=[16, 32]"), numSeeds: 2);

        Assert.Equal(8, units.Select(unit => unit.Name).Distinct().Count());
        Assert.Equal("rate-1e-4-batch-16-seed-3", units[0].Name);
        Assert.Equal("rate-3e-5-batch-32-seed-4", units[^1].Name);
        Assert.Equal((4UL, 3e-5, 32), (units[^1].Recipe.Run.Seed, units[^1].Recipe.Schedule.Peak[0], units[^1].Recipe.Batch.Size[0]));
    }
}
