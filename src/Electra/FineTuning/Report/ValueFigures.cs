using Electra.FineTuning.Tasks;
using Electra.Reporting;

namespace Electra.FineTuning.Report;

/// <summary>Predictions by label, and worst errors of a regression.</summary>
static class ValueFigures
{
    const int NumBins = 10;

    public static void Add(HtmlPage page, EvaluatedSet set)
    {
        List<(TextExample Example, double Gold, double Found)> rows =
            [.. set.Pairs<TextExample, ValuePrediction>().Select(pair => (pair.Example, pair.Example.Value!.Value, pair.Prediction.Value))]; // judged sets have labels
        AddBins(page, rows);
        page.Heading("Worst errors", "The largest differences first.");
        page.TextTable(["text", "label", "predicted", "where"], rows.OrderByDescending(row => Math.Abs(row.Gold - row.Found)).Take(EvaluationReport.NumErrors)
            .Select(row => (IReadOnlyList<string>)[EvaluationReport.TextOf(row.Example), $"{row.Gold:F3}", $"{row.Found:F3}", row.Example.Source.ToString()]));
    }

    static void AddBins(HtmlPage page, List<(TextExample Example, double Gold, double Found)> rows)
    {
        double lowest = rows.Min(row => row.Gold), width = (rows.Max(row => row.Gold) - lowest) / NumBins;
        var bins = rows.GroupBy(row => width == 0 ? 0 : Math.Min((int)((row.Gold - lowest) / width), NumBins - 1)).OrderBy(bin => bin.Key).ToList();
        double[] labels = [.. bins.Select(bin => bin.Average(row => row.Gold))];
        page.Heading("Predictions by label", "Means over examples of like labels; grey is where they should be.");
        page.Charts(
        [
            new LineChart("Predicted by label", "Label", [
                new ChartSeries("predicted", labels, [.. bins.Select(bin => bin.Average(row => row.Found))]),
                new ChartSeries("label", labels, labels, IsContext: true)]),
            new LineChart("Mean absolute error by label", "Label", [
                new ChartSeries("", labels, [.. bins.Select(bin => bin.Average(row => Math.Abs(row.Gold - row.Found)))])]),
        ]);
    }
}
