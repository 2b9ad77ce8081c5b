using Electra.Evaluation;
using Electra.FineTuning.Tasks;
using Electra.Reporting;

namespace Electra.FineTuning.Report;

/// <summary>Figures by label and worst errors where an example has any number of labels.</summary>
static class LabelSetFigures
{
    public static void Add(HtmlPage page, EvaluatedSet set)
    {
        List<(TextExample Example, LabelSetPrediction Prediction)> pairs = [.. set.Pairs<TextExample, LabelSetPrediction>()];
        var labels = set.Dataset.Labels;
        var score = MultiLabelScore.Of([.. pairs.SelectMany(pair => pair.Example.IsLabelled!)], // a set that is judged has labels
            [.. pairs.SelectMany(pair => labels.Select((_, label) => pair.Prediction.Has(label)))], labels.Count);
        page.Heading("Labels");
        page.Table(["", "precision", "recall", "F1", "labelled", "predicted", "correct"], labels.Select((name, label) => ClassFigures.Row(name, score.PerLabel[label])));

        if (pairs.All(pair => Worst(pair.Example, pair.Prediction).Distance <= 0.5)) return;
        page.Heading("Worst errors", "Those in which a label's probability is furthest from the truth stand first.");
        page.TextTable(["text", "labels", "predicted", "probability of the worst", "where"], pairs
            .Select(pair => (pair.Example, pair.Prediction, Worst: Worst(pair.Example, pair.Prediction)))
            .Where(row => row.Worst.Distance > 0.5).OrderByDescending(row => row.Worst.Distance).Take(EvaluationReport.NumErrors)
            .Select(row => (IReadOnlyList<string>)
            [
                EvaluationReport.TextOf(row.Example), string.Join(", ", labels.Where((_, label) => row.Example.IsLabelled![label])),
                string.Join(", ", labels.Where((_, label) => row.Prediction.Has(label))),
                $"{labels[row.Worst.Label]} {EvaluationReport.Percent(row.Prediction.Probabilities[row.Worst.Label])}", row.Example.Source.ToString(),
            ]));
    }

    static (int Label, double Distance) Worst(TextExample example, LabelSetPrediction prediction) => prediction.Probabilities
        .Select((share, label) => (label, Math.Abs(share - (example.IsLabelled![label] ? 1 : 0)))).MaxBy(pair => pair.Item2);
}
