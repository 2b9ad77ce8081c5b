namespace Electra.Evaluation;

/// <summary>
/// The threshold of "no answer" that would have scored best: questions whose no-answer score is above it are left unanswered.
/// </summary>
/// <param name="Best">The best score, in percent.</param>
/// <param name="Threshold">The threshold that gives it; 0 if leaving every question unanswered is best, as the official script has it.</param>
/// <param name="AnswersNone">True if leaving every question unanswered is best.</param>
public sealed record SquadThreshold(double Best, double Threshold, bool AnswersNone = false)
{
    /// <summary>
    /// The official search: answers are taken in one by one by rising no-answer score, in file order among equals, from all questions
    /// unanswered on; the first best point counts.
    /// </summary>
    /// <param name="outcomes">Outcomes by question id, no threshold applied.</param>
    /// <param name="noAnswerScores">No-answer scores in the file's order.</param>
    /// <param name="score">Exact or F1 of an outcome.</param>
    public static SquadThreshold Find(
        IReadOnlyDictionary<string, SquadOutcome> outcomes,
        IEnumerable<KeyValuePair<string, double>> noAnswerScores,
        Func<SquadOutcome, double> score)
    {
        double current = outcomes.Values.Count(outcome => !outcome.HasAnswer && outcome.Answer is not null);
        double best = current, threshold = 0;
        var answersNone = true;
        foreach (var (id, noAnswerScore) in noAnswerScores.OrderBy(entry => entry.Value))
        {
            if (!outcomes.TryGetValue(id, out var outcome) || outcome.Answer is null) continue;
            current += outcome.HasAnswer ? score(outcome) : outcome.Answer.Length > 0 ? -1 : 0;
            if (current > best) (best, threshold, answersNone) = (current, noAnswerScore, false);
        }
        return new SquadThreshold(100 * best / outcomes.Count, threshold, answersNone);
    }
}
