using Electra.Evaluation;
using Electra.FineTuning.Tasks;
using Electra.Reporting;

namespace Electra.FineTuning.Report;

/// <summary>Figures by type of entity, confusions of types, calibration and worst sentences of a tagger.</summary>
static class TagFigures
{
    const string Outside = "none";

    public static void Add(HtmlPage page, EvaluatedSet set)
    {
        var scheme = (set.Dataset.Task.Tagging ?? new TaskTagging()).Scheme;
        List<(TaggedExample Example, string[] Gold, TagPrediction Prediction)> rows =
            [.. set.Pairs<TaggedExample, TagPrediction>().Select(pair => (pair.Example, TagSequence.Write([.. pair.Example.Tags!], scheme), pair.Prediction))]; // judged sets have labels
        var score = TaskMetrics.EntitiesOf(set.Dataset, set.Predictions);
        page.Heading("Types", "Counted as conlleval does: an entity is right if its first word, its last word and its type are.");
        page.Table(["", "precision", "recall", "F1", "labelled", "predicted", "correct"],
            score.PerType.Append(new("all", score.Overall)).Select(type => ClassFigures.Row(type.Key, type.Value)));
        AddConfusions(page, rows);

        var words = rows.SelectMany(row => row.Gold.Select((tag, word) => (IsRight: tag == row.Prediction.Tags[word], Probability: row.Prediction.Probabilities[word])))
            .Where(word => !double.IsNaN(word.Probability)).ToList();
        if (words.Count > 0) ClassFigures.AddCalibration(page, [.. words.Select(word => word.Probability)], [.. words.Select(word => word.IsRight)]);
        AddErrors(page, rows);
    }

    static void AddConfusions(HtmlPage page, List<(TaggedExample Example, string[] Gold, TagPrediction Prediction)> rows)
    {
        List<string> names = [Outside, .. rows.SelectMany(row => row.Gold.Concat(row.Prediction.Tags)).Select(TypeOf).Where(type => type != Outside).Distinct().Order(StringComparer.Ordinal)];
        var matrix = new ConfusionMatrix(names.Count);
        foreach (var row in rows)
            for (var word = 0; word < row.Gold.Length; word++) matrix.Add(names.IndexOf(TypeOf(row.Gold[word])), names.IndexOf(TypeOf(row.Prediction.Tags[word])));
        page.Heading("Confusion of types", "Words. Rows are labels, columns predictions; shaded by the share of the row.");
        page.Matrix("label \\ predicted", names, (row, column) => matrix[row, column]);
    }

    static void AddErrors(HtmlPage page, List<(TaggedExample Example, string[] Gold, TagPrediction Prediction)> rows)
    {
        if (rows.All(row => row.Gold.SequenceEqual(row.Prediction.Tags))) return;
        page.Heading("Worst errors", "Sentences with most entities missed or invented stand first.");
        page.TextTable(["sentence", "missed", "invented", "where"], rows
            .Select(row => (row.Example, Gold: EntitySpans.Of(row.Gold), Found: EntitySpans.Of(row.Prediction.Tags)))
            .Select(row => (row.Example, Missed: row.Gold.Except(row.Found).ToList(), Invented: row.Found.Except(row.Gold).ToList()))
            .Where(row => row.Missed.Count + row.Invented.Count > 0).OrderByDescending(row => row.Missed.Count + row.Invented.Count).Take(EvaluationReport.NumErrors)
            .Select(row => (IReadOnlyList<string>)
            [
                EvaluationReport.Short(string.Join(' ', row.Example.Words)), Listed(row.Example, row.Missed), Listed(row.Example, row.Invented), row.Example.Source.ToString(),
            ]));
    }

    static string Listed(TaggedExample example, List<EntitySpan> spans) =>
        string.Join("; ", spans.Select(span => $"{span.Type}: {string.Join(' ', example.Words.Skip(span.Start).Take(span.End - span.Start))}"));

    static string TypeOf(string tag) => tag == "O" ? Outside : tag.Length > 2 ? tag[2..] : tag;
}
