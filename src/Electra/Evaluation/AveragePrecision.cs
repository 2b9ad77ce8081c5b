namespace Electra.Evaluation;

/// <summary>
/// The area under the precision-recall curve as a sum of steps: precision at each threshold, weighted by the recall it adds.
/// </summary>
public static class AveragePrecision
{
    /// <summary>Scores that tie share one threshold. NaN where it is undefined: nothing is positive, or a score is NaN.</summary>
    /// <exception cref="ArgumentException">The lists differ in length.</exception>
    public static double Compute(ReadOnlySpan<float> scores, ReadOnlySpan<bool> isPositive)
    {
        if (scores.Length != isPositive.Length)
            throw new ArgumentException($"{scores.Length:N0} scores, but {isPositive.Length:N0} classes.");
        var sorted = scores.ToArray();
        var positive = isPositive.ToArray();
        Array.Sort(sorted, positive);
        var numPositive = positive.Count(flag => flag);
        if (numPositive == 0 || float.IsNaN(sorted[0])) return double.NaN; // NaN sorts before every number

        double area = 0;
        long correct = 0;
        for (int last = sorted.Length - 1, i; last >= 0; last = i)
        {
            long before = correct;
            for (i = last; i >= 0 && sorted[i] == sorted[last]; i--)
                if (positive[i]) correct++;
            area += (double)(correct - before) / numPositive * correct / (sorted.Length - 1 - i);
        }
        return area;
    }
}
