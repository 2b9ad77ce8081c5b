namespace Electra.Evaluation;

/// <summary>How far two lists of numbers rise and fall together.</summary>
public static class Correlation
{
    /// <summary>
    /// Pearson's product-moment correlation; NaN where it is undefined: fewer than two pairs, or a list that does not vary.
    /// </summary>
    /// <exception cref="ArgumentException">The lists differ in length.</exception>
    public static double Pearson(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        if (x.Length != y.Length) throw new ArgumentException($"{x.Length:N0} values cannot be paired with {y.Length:N0}.");

        double meanX = Statistics.Mean(x), meanY = Statistics.Mean(y);
        double products = 0, squaresX = 0, squaresY = 0;
        for (var i = 0; i < x.Length; i++)
        {
            double dx = x[i] - meanX, dy = y[i] - meanY;
            products += dx * dy;
            squaresX += dx * dx;
            squaresY += dy * dy;
        }
        // Two roots, since the product of the squares may overflow or underflow.
        return products / (Math.Sqrt(squaresX) * Math.Sqrt(squaresY));
    }

    /// <summary>Spearman's rank correlation: Pearson's on ranks, ties sharing their average rank.</summary>
    /// <exception cref="ArgumentException">The lists differ in length.</exception>
    public static double Spearman(ReadOnlySpan<double> x, ReadOnlySpan<double> y) => Pearson(AverageRanks(x), AverageRanks(y));

    /// <summary>Ranks from 1; equal values share the mean of the ranks they take up.</summary>
    public static double[] AverageRanks(ReadOnlySpan<double> values)
    {
        var sorted = values.ToArray();
        var order = new int[sorted.Length];
        for (var i = 0; i < order.Length; i++) order[i] = i;
        Array.Sort(sorted, order);

        var ranks = new double[sorted.Length];
        for (int first = 0, next; first < sorted.Length; first = next)
        {
            for (next = first + 1; next < sorted.Length && sorted[next] == sorted[first];) next++;
            for (var i = first; i < next; i++) ranks[order[i]] = (first + 1 + next) / 2.0;
        }
        return ranks;
    }
}
