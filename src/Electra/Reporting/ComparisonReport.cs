namespace Electra.Reporting;

/// <summary>
/// Several runs on one page: their curves over steps, tokens, compute and time, their last figures, and where their recipes differ.
/// </summary>
public static class ComparisonReport
{
    /// <summary>Writes the page.</summary>
    /// <param name="runDirectories">Run directories, each holding a <c>metrics.jsonl</c>.</param>
    /// <param name="path">The HTML file, created or replaced.</param>
    /// <param name="title">The page's title.</param>
    /// <returns>A sentence for each line of a log that could not be read and is left out.</returns>
    /// <exception cref="InvalidDataException">A directory holds no metrics, or one of its files is damaged.</exception>
    public static IReadOnlyList<string> Write(IReadOnlyList<string> runDirectories, string path, string? title = null)
    {
        var names = RunName.Distinct(runDirectories);
        var histories = runDirectories.Select(MetricsHistory.OfRun).ToList();
        var page = new HtmlPage(title ?? "Comparison of runs", string.Join(" \u00b7 ", names));

        AddFinalFigures(page, names, histories);
        AddCharts(page, names, histories, MetricsEntry.Evaluation, "Held-out evaluation");
        AddCharts(page, names, histories, MetricsEntry.Train, "Training");
        AddDifferences(page, names, [.. runDirectories.Select(run => RunFacts.Read(Path.Combine(run, "recipe.json"), "recipe"))]);
        page.Save(path);
        return [.. histories.SelectMany(history => history.Unreadable)];
    }

    static void AddFinalFigures(HtmlPage page, IReadOnlyList<string> names, List<MetricsHistory> histories)
    {
        page.Heading("Final figures",
            "What each run had spent, and its last held-out evaluation. Losses of different objectives do not compare.");
        List<IReadOnlyList<string>> rows = [["Steps", .. histories.Select(history => history.LastStep.ToString("N0"))]];
        void Add(string label, string kind, string name, Func<double, string> format)
        {
            var values = histories.Select(history => history[kind, name].Last).ToList();
            if (values.Any(double.IsFinite)) rows.Add([label, .. values.Select(value => format(value))]);
        }
        Add("Tokens seen", MetricsEntry.Train, KnownMetric.TokensSeen, FigureText.Number);
        Add("FLOPs", MetricsEntry.Train, KnownMetric.Flops, FigureText.Number);
        Add("Training time", MetricsEntry.Train, KnownMetric.ElapsedSeconds, FigureText.Duration);
        foreach (var name in Names(histories, MetricsEntry.Evaluation))
            Add($"Held-out: {KnownMetric.Of(name).Label}", MetricsEntry.Evaluation, name, FigureText.Number);
        page.Table(["", .. names], rows);
    }

    static void AddCharts(HtmlPage page, IReadOnlyList<string> names, List<MetricsHistory> histories, string kind, string heading)
    {
        var metrics = Names(histories, kind);
        if (metrics.Count == 0) return;
        page.Heading(heading);
        page.Choice(kind, [.. RunAxis.Of(histories).Select(axis => (axis.Choice, (IReadOnlyList<LineChart>)
            [.. metrics.Select(metric => Chart(names, histories, kind, metric, axis)).Where(chart => chart.Series.Count > 0)]))]);
    }

    static LineChart Chart(IReadOnlyList<string> names, List<MetricsHistory> histories, string kind, string metric, RunAxis axis)
    {
        var isNoisy = kind == MetricsEntry.Train && KnownMetric.Of(metric).IsNoisy;
        var lines = Enumerable.Range(0, names.Count)
            .Where(run => axis.IsKnownIn(histories[run]) && histories[run][kind, metric].Steps.Count > 0)
            .Select(run =>
            {
                var series = histories[run][kind, metric];
                return new ChartSeries(names[run], axis.Places(histories[run], series), series.Values, isNoisy, Slot: run);
            });
        return new LineChart(KnownMetric.Of(metric).Label, axis.Label, [.. lines]);
    }

    static void AddDifferences(HtmlPage page, IReadOnlyList<string> names, List<List<FactSection>> recipes)
    {
        var facts = recipes.Select(ByName).ToList();
        var differing = facts.SelectMany(recipe => recipe.Keys).Distinct()
            .Where(key => facts.Select(recipe => recipe.GetValueOrDefault(key)).Distinct().Count() > 1).ToList();
        if (differing.Count == 0) return;
        page.Heading("Where the recipes differ");
        page.Table(["", .. names],
            differing.Select(key => (IReadOnlyList<string>)[key, .. facts.Select(recipe => recipe.GetValueOrDefault(key, ""))]));

        static Dictionary<string, string> ByName(List<FactSection> recipe) => recipe
            .SelectMany(section => section.Facts.Select(fact => (Name: $"{section.Name}.{fact.Key}", fact.Value)))
            .GroupBy(fact => fact.Name).ToDictionary(same => same.Key, same => same.First().Value);
    }

    /// <summary>The figures that at least one run has: those that most runs share first, then in the order of the report.</summary>
    static List<string> Names(List<MetricsHistory> histories, string kind) =>
        [.. histories.SelectMany(history => history.Series)
            .Where(series => series.Kind == kind && KnownMetric.Of(series.Name).Group != KnownMetric.Progress)
            .GroupBy(series => series.Name).OrderByDescending(runs => runs.Count()).ThenBy(runs => KnownMetric.OrderOf(runs.Key))
            .Select(runs => runs.Key)];
}
