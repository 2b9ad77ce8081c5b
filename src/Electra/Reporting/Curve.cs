namespace Electra.Reporting;

/// <summary>What a line goes through after thinning and smoothing.</summary>
static class Curve
{
    /// <summary>
    /// At most <paramref name="maxPoints"/> points that show what all show: in equal stretches of x the lowest and the highest value,
    /// in their order, and both ends. Gaps shorter than a stretch close. Fewer points come back as they are.
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

        var numStretches = maxPoints / 2 - 1; // so that the ends fit in too
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
            // The ends of the line are shown whatever they are: its last value is what people look for.
            SortedSet<int> kept = [lowest, highest];
            if (i == 0 && double.IsFinite(y[0])) kept.Add(0);
            if (next == x.Count && double.IsFinite(y[^1])) kept.Add(x.Count - 1);
            foreach (var index in kept) points.Add((x[index], y[index]));
        }
        return points;

        int StretchOf(double place) => Math.Min(numStretches - 1, (int)((place - start) / width));
    }

    /// <summary>
    /// Exponential moving average to both sides, weights halving every <paramref name="halfLife"/> values. At each place a line is fitted
    /// rather than a constant, so that the average neither lags behind a slope nor flattens it at the ends. Gaps stay gaps and weigh
    /// nothing. A steep line can fit beyond all values, such as below a loss of 0: there the average is the lowest or highest of them.
    /// </summary>
    public static double[] Smooth(IReadOnlyList<double> values, double halfLife)
    {
        var keep = Math.Pow(0.5, 1 / halfLife);
        var before = new WeightedSums[values.Count];
        var sums = default(WeightedSums);
        for (var i = 0; i < values.Count; i++)
        {
            before[i] = sums = sums.Move(keep, -1);
            sums = sums.Add(values[i]);
        }

        double lowest = values.Where(double.IsFinite).DefaultIfEmpty().Min(), highest = values.Where(double.IsFinite).DefaultIfEmpty().Max();
        var smoothed = new double[values.Count];
        sums = default;
        for (var i = values.Count - 1; i >= 0; i--)
        {
            sums = sums.Move(keep, 1).Add(values[i]);
            smoothed[i] = double.IsFinite(values[i]) ? Math.Clamp((sums + before[i]).Fit(), lowest, highest) : double.NaN;
        }
        return smoothed;
    }

    /// <summary>Sums of w, w d, w d d, w y and w d y over values y at distance d from here, with weight w.</summary>
    readonly record struct WeightedSums(double W, double D, double DD, double Y, double DY)
    {
        public WeightedSums Add(double y) => double.IsFinite(y) ? this with { W = W + 1, Y = Y + y } : this;

        /// <summary>Every value is one place further away, and weighs less.</summary>
        public WeightedSums Move(double keep, int distance) => new(
            keep * W, keep * (D + distance * W), keep * (DD + 2 * distance * D + W), keep * Y, keep * (DY + distance * Y));

        public static WeightedSums operator +(WeightedSums a, WeightedSums b) => new(a.W + b.W, a.D + b.D, a.DD + b.DD, a.Y + b.Y, a.DY + b.DY);

        /// <summary>The weighted least-squares line's value here; a single value is its own line.</summary>
        public double Fit()
        {
            var determinant = W * DD - D * D;
            return determinant > 1e-9 * W * W ? (DD * Y - D * DY) / determinant : Y / W;
        }
    }
}
