namespace Electra.Reporting;

/// <summary>What a line goes through after thinning and smoothing.</summary>
static class Curve
{
    /// <summary>
    /// At most <paramref name="maxPoints"/> points that show what all show: in each of half as many equal stretches of x the lowest and
    /// the highest value, in their order. Gaps shorter than a stretch close. Fewer points come back as they are.
    /// </summary>
    /// <param name="x">(N) places, rising.</param>
    /// <param name="y">(N) values; NaN and infinity are gaps.</param>
    public static List<(double X, double Y)> Thin(IReadOnlyList<double> x, IReadOnlyList<double> y, int maxPoints)
    {
        var points = new List<(double, double)>(Math.Min(x.Count, maxPoints));
        if (x.Count <= maxPoints)
        {
            for (var i = 0; i < x.Count; i++) points.Add((x[i], double.IsFinite(y[i]) ? y[i] : double.NaN));
            return points;
        }

        var numStretches = maxPoints / 2;
        double start = x[0], width = (x[^1] - start) / numStretches;
        for (int i = 0, next; i < x.Count; i = next)
        {
            var stretch = StretchOf(x[i]);
            int lowest = -1, highest = -1;
            for (next = i; next < x.Count && StretchOf(x[next]) == stretch; next++)
            {
                if (!double.IsFinite(y[next])) continue;
                if (lowest < 0 || y[next] < y[lowest]) lowest = next;
                if (highest < 0 || y[next] > y[highest]) highest = next;
            }
            if (lowest < 0)
            {
                points.Add((x[i], double.NaN));
                continue;
            }
            var (first, second) = (Math.Min(lowest, highest), Math.Max(lowest, highest));
            points.Add((x[first], y[first]));
            if (second != first) points.Add((x[second], y[second]));
        }
        return points;

        int StretchOf(double place) => Math.Min(numStretches - 1, (int)((place - start) / width));
    }

    /// <summary>
    /// Exponential moving average whose weights halve every <paramref name="halfLife"/> values, free of the pull towards its start
    /// (divided by the sum of its weights). Gaps stay gaps and weigh nothing.
    /// </summary>
    public static double[] Smooth(IReadOnlyList<double> values, double halfLife)
    {
        var keep = Math.Pow(0.5, 1 / halfLife);
        double sum = 0, weight = 0;
        var smoothed = new double[values.Count];
        for (var i = 0; i < smoothed.Length; i++)
        {
            if (!double.IsFinite(values[i]))
            {
                smoothed[i] = double.NaN;
                continue;
            }
            sum = keep * sum + (1 - keep) * values[i];
            weight = keep * weight + (1 - keep);
            smoothed[i] = sum / weight;
        }
        return smoothed;
    }
}
