namespace Electra.Evaluation;

/// <summary>What one question's prediction is worth.</summary>
/// <param name="Id">The question's id.</param>
/// <param name="HasAnswer">Whether the passage holds an answer.</param>
/// <param name="Answer">The predicted text, empty for "no answer"; null if the prediction is missing.</param>
/// <param name="Exact">1 if the normal form equals a gold answer's, else 0.</param>
/// <param name="F1">The best F1 of words over the gold answers.</param>
public sealed record SquadOutcome(string Id, bool HasAnswer, string? Answer, double Exact, double F1)
{
    /// <summary>Compares a prediction with every gold answer and keeps the best.</summary>
    /// <param name="question">The question.</param>
    /// <param name="answer">The predicted text; null scores 0.</param>
    /// <param name="isVersion2">Version 2.0 leaves out gold answers without words and knows "no answer", which scores 1 where it is
    /// right.</param>
    public static SquadOutcome Of(SquadQuestion question, string? answer, bool isVersion2)
    {
        double exact = 0, f1 = 0;
        if (answer is null) return new SquadOutcome(question.Id, question.HasAnswer, answer, exact, f1);

        var golds = isVersion2 ? [.. question.Answers.Where(gold => SquadAnswer.Tokens(gold).Count > 0)] : question.Answers;
        if (isVersion2 && golds.Count == 0)
        {
            var agrees = SquadAnswer.Tokens(answer).Count == 0 ? 1 : 0;
            return new SquadOutcome(question.Id, question.HasAnswer, answer, agrees, agrees);
        }
        foreach (var gold in golds)
        {
            if (SquadAnswer.IsExactMatch(gold, answer)) exact = 1;
            f1 = Math.Max(f1, SquadAnswer.F1(gold, answer));
        }
        return new SquadOutcome(question.Id, question.HasAnswer, answer, exact, f1);
    }

    /// <summary>The outcome had "no answer" been said.</summary>
    public SquadOutcome WithoutAnswer() => this with { Answer = "", Exact = HasAnswer ? 0 : 1, F1 = HasAnswer ? 0 : 1 };
}
