namespace Electra.Evaluation;

/// <summary>
/// The chance that a random positive scores above a random negative, a tie counting one half (the Mann-Whitney statistic). Exact:
/// every score is kept, at 4 bytes each, and sorted once; no histogram.
/// </summary>
public sealed class AreaUnderRocCurve
{
    readonly SortedScores _positives = new(), _negatives = new();
    bool _hasNaN;

    /// <summary>The area for parallel lists; NaN where it is undefined: one of the classes is missing, or a score is NaN.</summary>
    /// <exception cref="ArgumentException">The lists differ in length.</exception>
    public static double Compute(ReadOnlySpan<float> scores, ReadOnlySpan<bool> isPositive)
    {
        var curve = new AreaUnderRocCurve();
        curve.Add(scores, isPositive);
        return curve.Compute();
    }

    /// <summary>Number of scores added.</summary>
    public long Count => (long)_positives.Count + _negatives.Count;

    /// <summary>Adds one score.</summary>
    public void Add(float score, bool isPositive)
    {
        _hasNaN |= float.IsNaN(score);
        (isPositive ? _positives : _negatives).Add(score);
    }

    /// <summary>Adds parallel lists of scores and classes.</summary>
    /// <exception cref="ArgumentException">The lists differ in length.</exception>
    public void Add(ReadOnlySpan<float> scores, ReadOnlySpan<bool> isPositive)
    {
        if (scores.Length != isPositive.Length)
            throw new ArgumentException($"{scores.Length:N0} scores, but {isPositive.Length:N0} classes.");
        for (var i = 0; i < scores.Length; i++) Add(scores[i], isPositive[i]);
    }

    /// <summary>The area over everything added so far; more may be added afterwards. NaN where it is undefined.</summary>
    public double Compute()
    {
        if (_hasNaN || _positives.Count == 0 || _negatives.Count == 0) return double.NaN;
        ReadOnlySpan<uint> positives = _positives.Sort(), negatives = _negatives.Sort();

        // Twice the number of pairs in the right order, an integer: nothing is rounded before the one division.
        ulong doubledWins = 0;
        int below = 0, belowOrEqual = 0;
        foreach (var positive in positives)
        {
            while (below < negatives.Length && negatives[below] < positive) below++;
            belowOrEqual = Math.Max(belowOrEqual, below);
            while (belowOrEqual < negatives.Length && negatives[belowOrEqual] == positive) belowOrEqual++;
            doubledWins += (ulong)below + (ulong)belowOrEqual;
        }
        return doubledWins / (2.0 * positives.Length * negatives.Length);
    }
}
