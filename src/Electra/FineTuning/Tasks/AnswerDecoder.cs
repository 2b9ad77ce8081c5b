namespace Electra.FineTuning.Tasks;

/// <summary>Scores of starts and ends to an answer's text (Devlin et al. 2019, section 4.2; Clark et al. 2020's code for the joint head).</summary>
static class AnswerDecoder
{
    readonly record struct Span(int Window, int First, int Last, double Score);

    /// <summary>
    /// The best answers over all windows. Only tokens of the context count, a start only in the window that sees most around it. The null
    /// score is the smallest over the windows, of the no-answer logit or, for the plain head, of the start token less the best answer's.
    /// </summary>
    public static AnswerPrediction Decode(
        QuestionExample example, TaskWindows rules, IReadOnlyList<(EncodedExample Row, WindowScores Scores)> windows)
    {
        var spans = new List<Span>();
        var nullScore = double.PositiveInfinity;
        for (var window = 0; window < windows.Count; window++)
        {
            var (row, scores) = windows[window];
            nullScore = Math.Min(nullScore, scores.NoAnswer ?? scores.Start[0] + scores.End[0]);
            spans.AddRange(scores.TopStarts.Length > 0 ? JointSpans(window, row, scores, rules) : PlainSpans(window, row, scores, rules));
        }
        var best = BestAnswers(example, windows, spans, rules.NumBest);
        if (windows[0].Scores.NoAnswer is null && best.Count > 0) nullScore -= best[0].Score;
        return new AnswerPrediction(example.Id, best.Count > 0 ? best[0].Text : "", nullScore, best);
    }

    static IEnumerable<Span> PlainSpans(int window, EncodedExample row, WindowScores scores, TaskWindows rules)
    {
        var ends = Best(scores.End, rules.NumBest, token => row.IsContext[token]);
        foreach (var first in Best(scores.Start, rules.NumBest, token => row.HasMaxContext[token]))
            foreach (var last in ends)
                if (last >= first && last - first < rules.MaxAnswerLength)
                    yield return new Span(window, first, last, (double)scores.Start[first] + scores.End[last]);
    }

    static IEnumerable<Span> JointSpans(int window, EncodedExample row, WindowScores scores, TaskWindows rules)
    {
        for (var k = 0; k < scores.TopStarts.Length; k++)
        {
            var first = scores.TopStarts[k];
            if (!row.HasMaxContext[first]) continue;
            var ends = scores.EndGivenStart.AsSpan(k * row.Length, row.Length).ToArray();
            foreach (var last in Best(ends, rules.NumBest, token => row.IsContext[token] && token >= first && token - first < rules.MaxAnswerLength))
                yield return new Span(window, first, last, (double)scores.Start[first] + ends[last]);
        }
    }

    static List<CandidateAnswer> BestAnswers(
        QuestionExample example, IReadOnlyList<(EncodedExample Row, WindowScores Scores)> windows, List<Span> spans, int count)
    {
        var answers = new List<(string Text, int Start, double Score)>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var span in spans.OrderByDescending(span => span.Score))
        {
            if (answers.Count == count) break;
            var offsets = windows[span.Window].Row.Text.Offsets;
            var (start, end) = (offsets[span.First].Start, offsets[span.Last].End);
            while (start < end && char.IsWhiteSpace(example.Context[start])) start++;
            var text = example.Context[start..Math.Max(start, end)].TrimEnd();
            if (text.Length > 0 && seen.Add(text)) answers.Add((text, start, span.Score));
        }
        var probabilities = TaskDecoder.Softmax([.. answers.Select(answer => answer.Score)]);
        return [.. answers.Select((answer, index) => new CandidateAnswer(answer.Text, AnswerPlace.CodePoints(example.Context, answer.Start), answer.Score, probabilities[index]))];
    }

    static List<int> Best(float[] scores, int count, Func<int, bool> isAllowed) =>
        [.. Enumerable.Range(0, scores.Length).Where(isAllowed).OrderByDescending(token => scores[token]).Take(count)];
}
