namespace Electra.Reporting;

/// <summary>A series made ready for drawing: averaged where it is noisy, and thinned to what the paper can show.</summary>
sealed class ChartLine
{
    const int MaxPoints = 1000, MaxAveragedPoints = 400;

    /// <summary>The weights of a noisy line's average halve every hundredth of its values, to both sides.</summary>
    const double HalfLifeShare = 0.01;

    /// <param name="series">The data.</param>
    /// <param name="style">The style class of its colour and dash.</param>
    /// <param name="isLogX">Whether equal ratios of x take equal space.</param>
    public ChartLine(ChartSeries series, string style, bool isLogX)
    {
        (Name, Style, IsContext) = (series.Name, style, series.IsContext);
        int[] kept = [.. Enumerable.Range(0, series.X.Count).Where(i => double.IsFinite(series.X[i]) && !(isLogX && series.X[i] <= 0))];
        double[] places = [.. kept.Select(i => isLogX ? Math.Log(series.X[i]) : series.X[i])], values = [.. kept.Select(i => series.Y[i])];
        var line = series.IsNoisy ? Curve.Smooth(values, Math.Max(1, HalfLifeShare * values.Length)) : values;

        List<(double, double)> Thin(double[] y, int maxPoints) =>
            [.. Curve.Thin(places, y, maxPoints).Select(point => (isLogX ? Math.Exp(point.X) : point.X, point.Y))];
        Points = Thin(line, series.IsNoisy ? MaxAveragedPoints : MaxPoints);
        Raw = series.IsNoisy ? Thin(values, MaxPoints) : [];
        Last = line.LastOrDefault(double.IsFinite, double.NaN);
    }

    public string Name { get; }

    public string Style { get; }

    public bool IsContext { get; }

    /// <summary>The line, NaN at gaps.</summary>
    public IReadOnlyList<(double X, double Y)> Points { get; }

    /// <summary>The values behind an averaged line; none behind another.</summary>
    public IReadOnlyList<(double X, double Y)> Raw { get; }

    /// <summary>The line's last value; NaN without values.</summary>
    public double Last { get; }
}
