namespace Electra.Evaluation;

/// <summary>What the official scripts print for a file of predictions.</summary>
/// <param name="Overall">All questions.</param>
/// <param name="HasAnswer">Questions with an answer; null for version 1.1, where all have one.</param>
/// <param name="NoAnswer">Questions without; null for version 1.1.</param>
/// <param name="BestExact">Best threshold for exact match; null without no-answer scores.</param>
/// <param name="BestF1">Best threshold for F1; null without no-answer scores.</param>
/// <param name="NumMissing">Questions without a prediction; each counts 0.</param>
/// <param name="NumUnknown">Predictions for ids that are not in the data; they do not count.</param>
public sealed record SquadEvaluation(
    SquadScore Overall, SquadScore? HasAnswer, SquadScore? NoAnswer,
    SquadThreshold? BestExact, SquadThreshold? BestF1, int NumMissing, int NumUnknown)
{
    /// <summary>Scores predictions against questions.</summary>
    /// <param name="questions">The questions, ids unique.</param>
    /// <param name="isVersion2">Whether questions may have no answer.</param>
    /// <param name="answers">Predicted texts by question id, ids unique.</param>
    /// <param name="noAnswerScores">No-answer scores by question id; every predicted question needs one. Null: predictions count as they
    /// are.</param>
    /// <param name="noAnswerThreshold">Questions above it count as unanswered; the official default is 1, which probabilities never
    /// exceed.</param>
    /// <exception cref="InvalidDataException">A predicted question has no no-answer score.</exception>
    public static SquadEvaluation Of(
        IReadOnlyList<SquadQuestion> questions, bool isVersion2, IReadOnlyList<KeyValuePair<string, string>> answers,
        IReadOnlyList<KeyValuePair<string, double>>? noAnswerScores = null, double noAnswerThreshold = 1)
    {
        var answerOf = answers.ToDictionary(StringComparer.Ordinal);
        var raw = questions.AsParallel().AsOrdered()
            .Select(question => SquadOutcome.Of(question, answerOf.GetValueOrDefault(question.Id), isVersion2)).ToList();
        var outcomes = noAnswerScores is null ? raw : Apply(noAnswerThreshold, raw, noAnswerScores.ToDictionary(StringComparer.Ordinal));

        var ids = raw.ToDictionary(outcome => outcome.Id, StringComparer.Ordinal);
        return new SquadEvaluation(
            SquadScore.Of(outcomes),
            isVersion2 ? SquadScore.Of([.. outcomes.Where(outcome => outcome.HasAnswer)]) : null,
            isVersion2 ? SquadScore.Of([.. outcomes.Where(outcome => !outcome.HasAnswer)]) : null,
            noAnswerScores is null ? null : SquadThreshold.Find(ids, noAnswerScores, outcome => outcome.Exact),
            noAnswerScores is null ? null : SquadThreshold.Find(ids, noAnswerScores, outcome => outcome.F1),
            raw.Count(outcome => outcome.Answer is null),
            answers.Count(answer => !ids.ContainsKey(answer.Key)));
    }

    static List<SquadOutcome> Apply(double threshold, List<SquadOutcome> outcomes, Dictionary<string, double> noAnswerScores) =>
        [.. outcomes.Select(outcome =>
        {
            if (outcome.Answer is null) return outcome;
            if (!noAnswerScores.TryGetValue(outcome.Id, out var score))
                throw new InvalidDataException(
                    $"The question '{outcome.Id}' has a prediction, but no no-answer score; give one for every prediction.");
            return score > threshold ? outcome.WithoutAnswer() : outcome;
        })];
}
