using System.Text.Json;
using Electra.Evaluation;
using Electra.FineTuning.Tasks;

namespace Electra.FineTuning;

/// <summary>What all runs of one recipe say together: <c>summary.json</c>.</summary>
/// <param name="Task">The task's name.</param>
/// <param name="From">Name of the model that all began from; null for random weights.</param>
/// <param name="MainMetric">What <paramref name="Settings"/> compare.</param>
/// <param name="Majority">The main metric of the answer that is most frequent in training.</param>
/// <param name="Settings">Each learning rate and batch size, the best median first.</param>
/// <param name="BestUnit">The run that is meant where one of them is asked for; null if none came to its end.</param>
/// <param name="Units">All runs.</param>
/// <param name="IsMedian">True if the dev set chooses no step and so no seed either: <paramref name="BestUnit"/> is then the run of the best
/// setting's median value, the worse of two in the middle. False: it is the run with the best value.</param>
public sealed record FineTuningSummary(
    string Task, string? From, string MainMetric, double Majority, IReadOnlyList<FineTuningSetting> Settings, string? BestUnit, IReadOnlyList<FineTuningResult> Units,
    bool IsMedian = false)
{
    /// <summary>The text of <c>summary.json</c>.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, FineTuningRunJson.Default.FineTuningSummary);

    /// <summary>Summarises finished runs of one recipe.</summary>
    /// <param name="units">The runs.</param>
    /// <param name="keepsBest">Whether the recipe lets the dev set choose (<see cref="FineTuningRunConfig.KeepsBest"/>).</param>
    /// <exception cref="ArgumentException">There are none.</exception>
    public static FineTuningSummary Of(IReadOnlyList<FineTuningResult> units, bool keepsBest)
    {
        if (units.Count == 0) throw new ArgumentException("There is no finished run to summarise.");
        var first = units[0];
        var settings = units.GroupBy(unit => (unit.LearningRate, unit.BatchSize))
            .Select(group => FineTuningSetting.Of([.. group])).OrderBy(setting => Rank(setting.Median, first.MainMetric)).ToList();
        var majority = first.Majority.Values.FirstOrDefault() is { } figures ? figures.GetValueOrDefault(first.MainMetric, double.NaN) : double.NaN;
        return new FineTuningSummary(first.Task, first.From, first.MainMetric, majority, settings, Choose(units, settings, keepsBest)?.Unit, units, IsMedian: !keepsBest);
    }

    /// <summary>One run for all: of those that have not failed if there are any, else of those that came to their end.</summary>
    static FineTuningResult? Choose(IReadOnlyList<FineTuningResult> units, IReadOnlyList<FineTuningSetting> settings, bool keepsBest)
    {
        var finished = units.Where(unit => unit.Failure is null).ToList();
        var candidates = finished.Any(unit => !unit.HasFailed) ? finished.Where(unit => !unit.HasFailed).ToList() : finished;
        if (keepsBest) return candidates.MinBy(unit => Rank(unit.Value, unit.MainMetric));
        var defined = candidates.Where(unit => double.IsFinite(unit.Value)).OrderBy(unit => Rank(unit.Value, unit.MainMetric)).ToList();
        var ofBestSetting = settings.Select(setting => defined.Where(setting.Holds).ToList()).FirstOrDefault(runs => runs.Count > 0);
        return ofBestSetting is null ? candidates.FirstOrDefault() : ofBestSetting[ofBestSetting.Count / 2];
    }

    /// <summary>Smaller is better; undefined values come last whatever the metric's direction.</summary>
    static double Rank(double value, string metric) => double.IsNaN(value) ? double.PositiveInfinity : TaskMetrics.IsError(metric) ? value : -value;
}

/// <summary>The runs of one learning rate and batch size, which differ by their seeds.</summary>
/// <param name="LearningRate">The peak.</param>
/// <param name="BatchSize">Examples in one step.</param>
/// <param name="Values">The main metric of each seed, in the order of <paramref name="Seeds"/>.</param>
/// <param name="Seeds">The seeds.</param>
/// <param name="Median">Of the values that are defined.</param>
/// <param name="Mean">Of the values that are defined.</param>
/// <param name="StandardDeviation">Of the values that are defined, divided by n - 1; NaN of fewer than two.</param>
/// <param name="FailedSeeds">Seeds whose model gives one answer to everything, whose values are counted in, and seeds that were given up, which have none.</param>
public sealed record FineTuningSetting(
    double LearningRate, int BatchSize, IReadOnlyList<double> Values, IReadOnlyList<ulong> Seeds, double Median, double Mean, double StandardDeviation,
    IReadOnlyList<ulong> FailedSeeds)
{
    /// <summary>True if the run is of this rate and size.</summary>
    internal bool Holds(FineTuningResult unit) => (unit.LearningRate, unit.BatchSize) == (LearningRate, BatchSize);

    /// <summary>Summarises runs of one learning rate and batch size.</summary>
    public static FineTuningSetting Of(IReadOnlyList<FineTuningResult> units)
    {
        double[] values = [.. units.Select(unit => unit.Value)];
        double[] defined = [.. values.Where(double.IsFinite)];
        return new FineTuningSetting(
            units[0].LearningRate, units[0].BatchSize, values, [.. units.Select(unit => unit.Seed)],
            Statistics.Median(defined), Statistics.Mean(defined), Statistics.StandardDeviation(defined),
            [.. units.Where(unit => unit.HasFailed).Select(unit => unit.Seed)]);
    }
}
