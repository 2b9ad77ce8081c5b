namespace Electra.Evaluation;

/// <summary>Means over questions.</summary>
/// <param name="Exact">Share of questions whose answer equals a gold answer, in percent.</param>
/// <param name="F1">Mean F1 of words, in percent.</param>
/// <param name="Total">Number of questions.</param>
public sealed record SquadScore(double Exact, double F1, int Total)
{
    /// <summary>Averages the outcomes; zeros over none.</summary>
    public static SquadScore Of(IReadOnlyCollection<SquadOutcome> outcomes) => outcomes.Count == 0
        ? new SquadScore(0, 0, 0)
        : new SquadScore(100 * outcomes.Average(outcome => outcome.Exact), 100 * outcomes.Average(outcome => outcome.F1), outcomes.Count);
}
