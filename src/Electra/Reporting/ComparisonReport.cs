namespace Electra.Reporting;

/// <summary>
/// Several runs on one page: what each spent, its own figures at the end and at equal compute, the curves over compute, tokens, time and steps, and
/// where the recipes differ.
/// </summary>
public static class ComparisonReport
{
    /// <summary>Runs that spent the same but for their last step count as equal.</summary>
    const double SameShare = 0.02;

    /// <summary>Writes the page.</summary>
    /// <param name="runDirectories">Run directories, each holding a <c>metrics.jsonl</c>.</param>
    /// <param name="path">The HTML file, created or replaced.</param>
    /// <param name="title">The page's title.</param>
    /// <returns>A sentence for each line of a log that could not be read and is left out.</returns>
    /// <exception cref="InvalidDataException">A directory holds no metrics, or one of its files is damaged.</exception>
    public static IReadOnlyList<string> Write(IReadOnlyList<string> runDirectories, string path, string? title = null)
    {
        var names = RunName.Distinct(runDirectories);
        var runs = runDirectories.Select((directory, i) => ComparedRun.Read(names[i], directory)).ToList();
        var page = new HtmlPage(title ?? "Comparison of runs", string.Join(" \u00b7 ", names));

        AddTotals(page, runs);
        AddFigures(page, runs);
        AddCharts(page, runs, MetricsEntry.Evaluation, "Held-out evaluation");
        AddCharts(page, runs, MetricsEntry.Train, "Training");
        AddDifferences(page, runs);
        page.Save(path);
        return [.. runs.SelectMany(run => run.History.Unreadable)];
    }

    static void AddTotals(HtmlPage page, List<ComparedRun> runs)
    {
        page.Heading("What each run spent");
        var rows = new List<IReadOnlyList<string>>();
        AddRow(rows, "Method", runs, run => run.Method);
        AddRow(rows, "Steps", runs, run => run.History.LastStep.ToString("N0"));
        AddRow(rows, "Tokens seen", runs, run => Text(run.TokensSeen));
        AddRow(rows, "Share of tokens in the loss", runs, run => Text(run.LossTokenShare));
        AddRow(rows, "FLOPs", runs, run => Text(run.Flops));
        AddRow(rows, "Training time", runs, run => double.IsFinite(run.Seconds) ? FigureText.Duration(run.Seconds) : null);
        AddRow(rows, "Tokens per second of it", runs, run => Text(run.TokensSeen / run.Seconds));
        foreach (var (label, fact) in new[] { ("Weights", "num_parameters"), ("Precision", "precision"), ("Processor", "processor") })
            AddRow(rows, label, runs, run => RunFacts.Find(run.Manifest, "manifest", fact));
        page.Table(["", .. runs.Select(run => run.Name)], rows);
    }

    static void AddFigures(HtmlPage page, List<ComparedRun> runs)
    {
        var names = Names(runs, MetricsEntry.Evaluation);
        if (names.Count == 0) return;
        page.Heading("Final figures", string.Join(" ", Cautions(runs).Prepend("The last held-out evaluation of each run.")));
        AddTable(page, runs, names, double.PositiveInfinity);

        var spent = runs.Select(run => run.Flops).ToList();
        if (!spent.TrueForAll(double.IsFinite) || spent.Max() <= spent.Min() * (1 + SameShare)) return;
        page.Heading("Figures at equal compute", $"The runs did not spend the same. This is the last held-out evaluation within {FigureText.Number(spent.Min())} FLOPs, which all of them spent; a run meant to be longer had not lowered its learning rate by then.");
        AddTable(page, runs, names, spent.Min());
    }

    /// <summary>What a reader must not conclude.</summary>
    static IEnumerable<string> Cautions(List<ComparedRun> runs)
    {
        if (!HaveOneMethod(runs))
            yield return "Each method has measures of its own: losses, and accuracies of different tasks, do not compare, and none says which encoder is the better one. Fine-tuning does.";
        if (runs.Select(run => run.Vocabulary).Distinct().Count() > 1)
            yield return "The vocabularies differ: accuracies and perplexities of tokens do not compare between them.";
    }

    static void AddTable(HtmlPage page, List<ComparedRun> runs, List<string> names, double flops)
    {
        var rows = new List<IReadOnlyList<string>>();
        foreach (var name in names)
        {
            AddRow(rows, $"Held-out: {KnownMetric.Of(name).Label}", runs, run => Text(run.HeldOutAt(name, flops)));
            if (KnownMetric.Of(name).Perplexity is { } perplexity)
                AddRow(rows, $"Held-out: {perplexity}", runs, run => Text(run.Perplexity(name, run.HeldOutAt(name, flops))));
        }
        page.Table(["", .. runs.Select(run => run.Name)], rows);
    }

    static void AddRow(List<IReadOnlyList<string>> rows, string label, List<ComparedRun> runs, Func<ComparedRun, string?> value)
    {
        var values = runs.Select(value).ToList();
        if (values.Exists(text => text is not null)) rows.Add([label, .. values.Select(text => text ?? FigureText.Number(double.NaN))]);
    }

    static void AddCharts(HtmlPage page, List<ComparedRun> runs, string kind, string heading)
    {
        var metrics = Names(runs, kind);
        if (metrics.Count == 0) return;
        page.Heading(heading);
        page.Choice(kind, [.. RunAxis.Of([.. runs.Select(run => run.History)]).Select(axis => (axis.Choice, (IReadOnlyList<LineChart>)
            [.. metrics.Select(metric => Chart(runs, kind, metric, axis)).Where(chart => chart.Series.Count > 0)]))]);
    }

    static LineChart Chart(List<ComparedRun> runs, string kind, string metric, RunAxis axis)
    {
        var known = KnownMetric.Of(metric);
        var lines = Enumerable.Range(0, runs.Count)
            .Where(run => axis.IsKnownIn(runs[run].History) && runs[run].History[kind, metric].Steps.Count > 0)
            .Select(run =>
            {
                var series = runs[run].History[kind, metric];
                return new ChartSeries(runs[run].Name, axis.Places(runs[run].History, series), series.Values, kind == MetricsEntry.Train && known.IsNoisy, Slot: run);
            });
        return new LineChart(known.Label, axis.Label, [.. lines]);
    }

    static void AddDifferences(HtmlPage page, List<ComparedRun> runs)
    {
        var facts = runs.Select(run => ByName(run.Recipe)).ToList();
        var differing = facts.SelectMany(recipe => recipe.Keys).Distinct()
            .Where(key => facts.Select(recipe => recipe.GetValueOrDefault(key)).Distinct().Count() > 1).ToList();
        if (differing.Count == 0) return;
        page.Heading("Where the recipes differ");
        page.Table(["", .. runs.Select(run => run.Name)],
            differing.Select(key => (IReadOnlyList<string>)[key, .. facts.Select(recipe => recipe.GetValueOrDefault(key, ""))]));

        static Dictionary<string, string> ByName(IEnumerable<FactSection> recipe) => recipe
            .SelectMany(section => section.Facts.Select(fact => (Name: $"{section.Name}.{fact.Key}", fact.Value)))
            .GroupBy(fact => fact.Name).ToDictionary(same => same.Key, same => same.First().Value);
    }

    /// <summary>
    /// The figures that at least one run has: the methods' own measures first, then losses, then the rest. A total loss is left out where it sums up
    /// different things.
    /// </summary>
    static List<string> Names(List<ComparedRun> runs, string kind) =>
        [.. runs.SelectMany(run => run.History.Series)
            .Where(series => series.Kind == kind && KnownMetric.Of(series.Name).Group != KnownMetric.Progress)
            .Where(series => series.Name != KnownMetric.TotalLoss || HaveOneMethod(runs))
            .Select(series => series.Name).Distinct().OrderBy(name => Place(KnownMetric.Of(name).Group)).ThenBy(KnownMetric.OrderOf)];

    static int Place(string group) => group switch { KnownMetric.Losses => 1, KnownMetric.Optimisation or KnownMetric.Speed => 2, _ => 0 };

    static bool HaveOneMethod(List<ComparedRun> runs) => runs.Select(run => run.Method).Distinct().Count() == 1;

    static string? Text(double value) => double.IsNaN(value) ? null : FigureText.Number(value);
}
