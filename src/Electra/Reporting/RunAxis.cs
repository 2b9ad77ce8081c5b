namespace Electra.Reporting;

/// <summary>What a chart of a run is drawn over: steps, or what the run had spent by then.</summary>
/// <param name="Choice">Its name in a choice.</param>
/// <param name="Label">The axis' label.</param>
/// <param name="Metric">The figure that gives it at each step; null for the step itself.</param>
/// <param name="Unit">How many of the figure's units make one on the axis.</param>
sealed record RunAxis(string Choice, string Label, string? Metric, double Unit = 1)
{
    public static readonly RunAxis Step = new("By step", "step", null);

    /// <summary>The axes that at least one of the runs has figures for, compute first: steps of different batches and networks say little.</summary>
    public static IReadOnlyList<RunAxis> Of(IReadOnlyList<MetricsHistory> runs)
    {
        var seconds = runs.Select(run => run[MetricsEntry.Train, KnownMetric.ElapsedSeconds].Last).Where(double.IsFinite).DefaultIfEmpty(0).Max();
        var (unit, name) = seconds switch
        {
            < 180 => (1, "seconds"),
            < 3 * 3600 => (60, "minutes"),
            < 3 * 86400 => (3600, "hours"),
            _ => (86400, "days"),
        };
        RunAxis[] all =
        [
            new("By compute", "floating-point operations", KnownMetric.Flops),
            new("By tokens", "tokens seen", KnownMetric.TokensSeen),
            new("By time", $"{name} of training", KnownMetric.ElapsedSeconds, unit),
            Step,
        ];
        return [.. all.Where(axis => axis.Metric is null || runs.Any(axis.IsKnownIn))];
    }

    public bool IsKnownIn(MetricsHistory run) => Metric is null || double.IsFinite(run[MetricsEntry.Train, Metric].Last);

    /// <summary>Where the values of a figure stand on this axis.</summary>
    public IReadOnlyList<double> Places(MetricsHistory run, MetricSeries series)
    {
        if (Metric is null) return series.Steps;
        var spent = run[MetricsEntry.Train, Metric];
        return [.. series.Steps.Select(step => spent.At(step) / Unit)];
    }
}
