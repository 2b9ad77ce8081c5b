using System.Globalization;

namespace Electra.Reporting;

/// <summary>
/// The report of one run: what it is, how far it is, its curves and its figures. Made from the run's files alone, at any time.
/// </summary>
public static class RunReport
{
    /// <summary>The file's name in a run directory.</summary>
    public const string FileName = "report.html";

    /// <summary>Figures of training batches in tiles and tables are means over the last lines of the log, at most these.</summary>
    const int NumLastLines = 50;

    /// <summary>Keys of a recipe's run that say in place of its steps where it ends.</summary>
    static readonly string[] Budgets = ["budget_flops", "budget_minutes"];

    /// <summary>
    /// Writes the page from <c>metrics.jsonl</c>, and <c>recipe.json</c> and <c>manifest.json</c>, which may be missing.
    /// </summary>
    /// <param name="runDirectory">The run.</param>
    /// <param name="path">The HTML file; <c>report.html</c> in the run directory if null.</param>
    /// <param name="title">The page's title; the directory's name if null.</param>
    /// <returns>A sentence for each line of the log that could not be read and is left out.</returns>
    /// <exception cref="InvalidDataException">The directory is no run, or its recipe or manifest is damaged.</exception>
    public static IReadOnlyList<string> Write(string runDirectory, string? path = null, string? title = null)
    {
        var history = MetricsHistory.OfRun(runDirectory);
        Create(runDirectory, history, title).Save(path ?? Path.Combine(runDirectory, FileName));
        return history.Unreadable;
    }

    static HtmlPage Create(string runDirectory, MetricsHistory history, string? title)
    {
        var recipe = RunFacts.Read(Path.Combine(runDirectory, "recipe.json"), "recipe");
        var manifest = RunFacts.Read(Path.Combine(runDirectory, "manifest.json"), "manifest");

        const NumberStyles whole = NumberStyles.Integer | NumberStyles.AllowThousands;
        var isBudget = Budgets.Any(budget => RunFacts.Find(recipe, "run", budget) is not (null or "0"));
        var of = !isBudget && long.TryParse(RunFacts.Find(recipe, "run", "steps"), whole, CultureInfo.InvariantCulture, out var total) ? $" of {total:N0}" : "";
        var lost = history.Unreadable.Count is > 0 and var count ? $"; {count:N0} unreadable {(count == 1 ? "line" : "lines")} of the log left out" : "";
        var page = new HtmlPage(title ?? RunName.Of(runDirectory), $"after step {history.LastStep:N0}{of}{lost}");
        page.Tiles(Tiles(history));
        AddCurves(page, history, "On documents that training never sees, with the same masks and samples each time.");
        AddFacts(page, "Recipe", recipe);
        AddFacts(page, "Manifest", manifest);
        return page;
    }

    /// <summary>Adds a run's curves, figures and settings to a page that is about something else.</summary>
    /// <param name="page">The page.</param>
    /// <param name="runDirectory">The run.</param>
    /// <param name="evaluated">What the run was evaluated on, for the reader of its curves.</param>
    /// <exception cref="InvalidDataException">The directory is no run, or one of its files is damaged.</exception>
    internal static void AddRun(HtmlPage page, string runDirectory, string evaluated)
    {
        AddCurves(page, MetricsHistory.OfRun(runDirectory), evaluated);
        AddFacts(page, "Recipe", RunFacts.Read(Path.Combine(runDirectory, "recipe.json"), "recipe"));
        AddFacts(page, "Manifest", RunFacts.Read(Path.Combine(runDirectory, "manifest.json"), "manifest"));
    }

    static void AddCurves(HtmlPage page, MetricsHistory history, string evaluated)
    {
        var series = history.Series.Where(one => KnownMetric.Of(one.Name).Group != KnownMetric.Progress)
            .OrderBy(one => KnownMetric.OrderOf(one.Name)).ToList();
        AddCharts(page, series, evaluated);
        AddFigures(page, series);
    }

    static void AddFacts(HtmlPage page, string heading, List<FactSection> sections)
    {
        if (sections.Count == 0) return;
        page.Heading(heading);
        page.Facts(sections);
    }

    static IEnumerable<(string Label, string Value)> Tiles(MetricsHistory history)
    {
        (string Label, string Kind, string Name, Func<double, string> Format)[] candidates =
        [
            ("Tokens seen", MetricsEntry.Train, KnownMetric.TokensSeen, FigureText.Number),
            ("Training time", MetricsEntry.Train, KnownMetric.ElapsedSeconds, FigureText.Duration),
            ("FLOPs", MetricsEntry.Train, KnownMetric.Flops, FigureText.Number),
            ("Training loss", MetricsEntry.Train, KnownMetric.TotalLoss, FigureText.Number),
            ("Held-out AUC", MetricsEntry.Evaluation, "discriminator_auc", FigureText.Number),
            ("Held-out masked token accuracy", MetricsEntry.Evaluation, "mlm_accuracy", FigureText.Number),
            ("Held-out next sentence accuracy", MetricsEntry.Evaluation, "nsp_accuracy", FigureText.Number),
            ("Tokens/s", MetricsEntry.Train, "tokens_per_second", FigureText.Number),
            ("Utilisation", MetricsEntry.Train, "utilisation", FigureText.Number),
        ];
        foreach (var (label, kind, name, format) in candidates)
        {
            var series = history[kind, name];
            if (series.Steps.Count == 0) continue;
            var isMean = kind == MetricsEntry.Train && KnownMetric.Of(name).Group != KnownMetric.Progress;
            yield return (isMean ? $"{label}, recent mean" : label, format(isMean ? LastMean(series) : series.Last));
        }
        var skipped = history[MetricsEntry.Train, KnownMetric.SkippedSteps].Last;
        if (skipped > 0) yield return ("Skipped steps", FigureText.Number(skipped));
    }

    static void AddCharts(HtmlPage page, List<MetricSeries> series, string evaluated)
    {
        var training = series.Where(one => one.Kind == MetricsEntry.Train).GroupBy(one => KnownMetric.Of(one.Name).Group).ToList();
        foreach (var group in training.Where(group => group.Key != KnownMetric.Other)) AddTraining(page, group);
        AddHeldOut(page, series, evaluated);
        foreach (var group in training.Where(group => group.Key == KnownMetric.Other)) AddTraining(page, group);
    }

    static void AddTraining(HtmlPage page, IGrouping<string, MetricSeries> group)
    {
        page.Heading(group.Key);
        page.Charts([.. group.GroupBy(ChartOf).Select(chart =>
            Chart(chart.Key, chart.Select(one => Line(one, chart.Count() > 1 ? LineOf(one) : ""))))]);
    }

    /// <summary>Held-out figures, each with the same figure on training batches behind it where it has its chart to itself.</summary>
    static void AddHeldOut(HtmlPage page, List<MetricSeries> series, string evaluated)
    {
        var heldOut = series.Where(one => one.Kind != MetricsEntry.Train).ToList();
        if (heldOut.Count == 0) return;
        var hasTraining = heldOut.Any(one => series.Any(other => other.Kind == MetricsEntry.Train && ChartOf(other) == ChartOf(one)));
        page.Heading("Held-out evaluation", $"{evaluated}{(hasTraining ? " Grey: the same figure on training batches." : "")}");
        page.Charts([.. heldOut.GroupBy(ChartOf).Select(chart =>
        {
            if (chart.Count() > 1) return Chart(chart.Key, chart.Select(one => Line(one, LineOf(one)) with { IsNoisy = false }));
            var line = Line(chart.Single(), "held-out") with { IsNoisy = false };
            var same = series.FirstOrDefault(one => one.Kind == MetricsEntry.Train && ChartOf(one) == chart.Key);
            return Chart(chart.Key, same is null ? [line] : [line, Line(same, "training") with { IsContext = true }]);
        })]);
    }

    static void AddFigures(HtmlPage page, List<MetricSeries> series)
    {
        if (series.Count == 0) return;
        page.Heading("Final figures", $"Training: mean over the last {NumLastLines} lines of the log. Held-out: the last evaluation.");
        var byLabel = series.GroupBy(one => KnownMetric.Of(one.Name).Label);
        page.Table(["", "training", "held-out", "held-out lowest", "held-out highest"], byLabel.Select(rows =>
        {
            var training = rows.FirstOrDefault(row => row.Kind == MetricsEntry.Train);
            var heldOut = rows.FirstOrDefault(row => row.Kind != MetricsEntry.Train);
            var values = heldOut?.Values.Where(double.IsFinite).ToList() ?? [];
            return (IReadOnlyList<string>)
            [
                rows.Key,
                training is null ? "" : FigureText.Number(LastMean(training)),
                heldOut is null ? "" : FigureText.Number(heldOut.Last),
                values.Count == 0 ? "" : FigureText.Number(values.Min()),
                values.Count == 0 ? "" : FigureText.Number(values.Max()),
            ];
        }));
    }

    static string ChartOf(MetricSeries series) => KnownMetric.Of(series.Name).Chart ?? KnownMetric.Of(series.Name).Label;

    static string LineOf(MetricSeries series) => KnownMetric.Of(series.Name).Line ?? KnownMetric.Of(series.Name).Label;

    static LineChart Chart(string title, IEnumerable<ChartSeries> lines) => new(title, RunAxis.Step.Label, [.. lines]);

    static ChartSeries Line(MetricSeries series, string name) =>
        new(name, series.Steps, series.Values, KnownMetric.Of(series.Name).IsNoisy);

    static double LastMean(MetricSeries series) =>
        series.Values.TakeLast(NumLastLines).Where(double.IsFinite).DefaultIfEmpty(double.NaN).Average();
}
