using Electra.Evaluation;
using Electra.FineTuning.Tasks;
using Electra.Reporting;

namespace Electra.FineTuning.Report;

/// <summary>Scores by threshold, by question word, and worst errors of answers.</summary>
static class AnswerFigures
{
    const int NumThresholds = 60;

    public static void Add(HtmlPage page, EvaluatedSet set)
    {
        List<(QuestionExample Example, AnswerPrediction Prediction)> pairs = [.. set.Pairs<QuestionExample, AnswerPrediction>()];
        var isVersion2 = pairs.Any(pair => pair.Example.Answers is []);
        List<(QuestionExample Example, AnswerPrediction Prediction, SquadOutcome Outcome)> rows = [.. pairs.Select(pair => (pair.Example, pair.Prediction,
            SquadOutcome.Of(new SquadQuestion(pair.Example.Id, [.. pair.Example.Answers!.Select(answer => answer.Text)]), pair.Prediction.Text, isVersion2)))]; // judged sets have labels
        if (isVersion2) AddThresholds(page, rows);
        AddQuestionWords(page, rows);
        AddErrors(page, rows, set.NoAnswerThreshold);
    }

    static void AddThresholds(HtmlPage page, List<(QuestionExample Example, AnswerPrediction Prediction, SquadOutcome Outcome)> rows)
    {
        double[] scores = [.. rows.Select(row => row.Prediction.NullScore).Where(double.IsFinite).Order()];
        if (scores.Length == 0) return;
        double[] thresholds = [.. Enumerable.Range(0, NumThresholds + 1).Select(place => scores[(int)((long)place * (scores.Length - 1) / NumThresholds)]).Distinct()];
        var curve = thresholds.Select(threshold => rows.Select(row => row.Prediction.NullScore > threshold ? row.Outcome.WithoutAnswer() : row.Outcome).ToList()).ToList();
        page.Heading("Threshold of no answer", "Questions whose null score is above it count as unanswered.");
        page.Charts(
        [
            new LineChart("Score by threshold", "Threshold of the null score", [
                new ChartSeries("F1", thresholds, [.. curve.Select(outcomes => outcomes.Average(outcome => outcome.F1))]),
                new ChartSeries("exact match", thresholds, [.. curve.Select(outcomes => outcomes.Average(outcome => outcome.Exact))])]),
            new LineChart("F1 by threshold", "Threshold of the null score", [
                new ChartSeries("with an answer", thresholds, [.. curve.Select(outcomes => Mean(outcomes.Where(outcome => outcome.HasAnswer)))]),
                new ChartSeries("without", thresholds, [.. curve.Select(outcomes => Mean(outcomes.Where(outcome => !outcome.HasAnswer)))])]),
        ]);
    }

    static double Mean(IEnumerable<SquadOutcome> outcomes) => outcomes.Select(outcome => outcome.F1).DefaultIfEmpty(double.NaN).Average();

    static void AddQuestionWords(HtmlPage page, List<(QuestionExample Example, AnswerPrediction Prediction, SquadOutcome Outcome)> rows)
    {
        string[] words = ["who", "what", "when", "where", "why", "which", "how"];
        page.Heading("By question word", "Every question answered, no threshold applied.");
        page.Table(["", "questions", "exact match", "F1"], rows
            .GroupBy(row => row.Example.Question.ToLowerInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).FirstOrDefault(word => words.Contains(word)) ?? "other")
            .OrderByDescending(group => group.Count()).Select(group => (IReadOnlyList<string>)
            [
                group.Key, $"{group.Count():N0}", EvaluationReport.Percent(group.Average(row => row.Outcome.Exact)), EvaluationReport.Percent(group.Average(row => row.Outcome.F1)),
            ]));
    }

    static void AddErrors(HtmlPage page, List<(QuestionExample Example, AnswerPrediction Prediction, SquadOutcome Outcome)> rows, double? threshold)
    {
        var errors = rows.Where(row => (row.Prediction.NullScore > threshold ? row.Outcome.WithoutAnswer() : row.Outcome).F1 == 0).ToList();
        if (errors.Count == 0) return;
        page.Heading("Worst errors", $"Answers without a right word, the model surest first{(threshold is { } at ? $"; none is given where the null score is above {at:F2}" : "")}.");
        page.TextTable(["question", "right answers", "predicted", "null score", "where"], errors
            .OrderBy(row => threshold is { } at ? -Math.Abs(row.Prediction.NullScore - at) : row.Prediction.NullScore).Take(EvaluationReport.NumErrors)
            .Select(row => (IReadOnlyList<string>)
            [
                EvaluationReport.Short(row.Example.Question),
                row.Example.Answers is [] ? "none" : string.Join(" / ", row.Example.Answers!.Select(answer => answer.Text).Distinct().Take(3)),
                row.Prediction.NullScore > threshold ? "none" : EvaluationReport.Short(row.Prediction.Text), $"{row.Prediction.NullScore:F2}", row.Example.Id,
            ]));
    }
}
