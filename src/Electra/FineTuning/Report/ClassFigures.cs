using Electra.Evaluation;
using Electra.FineTuning.Tasks;
using Electra.Reporting;

namespace Electra.FineTuning.Report;

/// <summary>Confusion matrix, figures by class, calibration and worst errors of a classifier.</summary>
static class ClassFigures
{
    /// <summary>A larger matrix is not read by eye: only the classes that are confused most often are shown.</summary>
    const int MaxMatrix = 20;

    public static void Add(HtmlPage page, EvaluatedSet set)
    {
        List<(TextExample Example, ClassPrediction Prediction)> pairs = [.. set.Pairs<TextExample, ClassPrediction>()];
        var labels = set.Dataset.Labels;
        int[] gold = [.. pairs.Select(pair => pair.Example.Class!.Value)]; // a set that is judged has labels
        var matrix = ConfusionMatrix.Of(gold, [.. pairs.Select(pair => pair.Prediction.Class)], labels.Count);

        AddMatrix(page, matrix, labels);
        AddClasses(page, matrix, labels);
        AddCalibration(page, [.. pairs.Select(pair => pair.Prediction.Probabilities[pair.Prediction.Class])],
            [.. pairs.Select(pair => pair.Prediction.Class == pair.Example.Class)]);
        AddErrors(page, pairs, labels);
    }

    static void AddMatrix(HtmlPage page, ConfusionMatrix matrix, IReadOnlyList<string> labels)
    {
        int[] shown = [.. Enumerable.Range(0, labels.Count).OrderByDescending(label => matrix.OfClass(label).Expected + matrix.OfClass(label).Found - 2 * matrix[label, label])
            .Take(MaxMatrix).Order()];
        page.Heading("Confusion matrix", shown.Length == labels.Count
            ? "Rows are labels, columns predictions; shaded by the share of the row."
            : $"The {MaxMatrix} classes of {labels.Count:N0} that are confused most often. Rows are labels, columns predictions; shaded by the share of the row.");
        page.Matrix("label \\ predicted", [.. shown.Select(label => labels[label])], (row, column) => matrix[shown[row], shown[column]]);
    }

    static void AddClasses(HtmlPage page, ConfusionMatrix matrix, IReadOnlyList<string> labels)
    {
        page.Heading("Classes");
        page.Table(["", "precision", "recall", "F1", "labelled", "predicted", "correct"], labels.Select((name, label) => Row(name, matrix.OfClass(label))));
    }

    /// <summary>A line of counts and what follows from them.</summary>
    public static IReadOnlyList<string> Row(string name, PrecisionRecall counts) =>
    [
        name, EvaluationReport.Percent(counts.Precision), EvaluationReport.Percent(counts.Recall), EvaluationReport.Percent(counts.F1),
        $"{counts.Expected:N0}", $"{counts.Found:N0}", $"{counts.Correct:N0}",
    ];

    /// <summary>How often the model is right where it is so sure.</summary>
    public static void AddCalibration(HtmlPage page, double[] confidences, bool[] isCorrect)
    {
        if (confidences.Any(double.IsNaN)) return; // a model that diverged has no probabilities
        var calibration = Calibration.Of(confidences, isCorrect);
        List<ReliabilityBin> bins = [.. calibration.Bins.Where(bin => bin.Count > 0)];
        page.Heading("Calibration",
            $"How often the model is right where it is so sure. Expected calibration error {100 * calibration.ExpectedCalibrationError:F2} %; mean confidence {EvaluationReport.Percent(confidences.Average())}.");
        page.Charts(
        [
            new LineChart("Accuracy by confidence", "Confidence", [
                new ChartSeries("model", [.. bins.Select(bin => bin.MeanConfidence)], [.. bins.Select(bin => bin.Accuracy)]),
                new ChartSeries("as sure as right", [bins[0].Lower, 1], [bins[0].Lower, 1], IsContext: true)]),
            new LineChart("Examples by confidence", "Confidence", [
                new ChartSeries("", [.. calibration.Bins.Select(bin => (bin.Lower + bin.Upper) / 2)], [.. calibration.Bins.Select(bin => (double)bin.Count)])]),
        ]);
    }

    static void AddErrors(HtmlPage page, List<(TextExample Example, ClassPrediction Prediction)> pairs, IReadOnlyList<string> labels)
    {
        var errors = pairs.Where(pair => pair.Prediction.Class != pair.Example.Class).ToList();
        if (errors.Count == 0) return;
        page.Heading("Worst errors", $"{errors.Count:N0} examples are wrong; those in which the model is surest stand first.");
        page.TextTable(["text", "label", "predicted", "probability", "where"], errors
            .OrderByDescending(pair => pair.Prediction.Probabilities[pair.Prediction.Class]).Take(EvaluationReport.NumErrors)
            .Select(pair => (IReadOnlyList<string>)
            [
                EvaluationReport.TextOf(pair.Example), labels[pair.Example.Class!.Value], labels[pair.Prediction.Class],
                EvaluationReport.Percent(pair.Prediction.Probabilities[pair.Prediction.Class]), pair.Example.Source.ToString(),
            ]));
    }
}
