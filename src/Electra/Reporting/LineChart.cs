namespace Electra.Reporting;

/// <summary>
/// A chart of lines as SVG: axes with round ticks, a legend with each line's last value, readable without colour, in light and dark.
/// </summary>
/// <param name="Title">What is shown.</param>
/// <param name="XLabel">What the horizontal axis counts.</param>
/// <param name="Series">The lines, in the order of the legend.</param>
/// <param name="HasLogX">Equal ratios of x take equal space; points whose x is not positive are left out.</param>
public sealed record LineChart(string Title, string XLabel, IReadOnlyList<ChartSeries> Series, bool HasLogX = false)
{
    /// <summary>The style sheet that a page with charts must hold.</summary>
    public static string Style => ChartStyle.Css;

    /// <summary>The chart for a page that holds <see cref="Style"/>.</summary>
    /// <param name="id">Unique in the page; letters and digits.</param>
    public string ToSvg(string id) => new LineChartSvg(this).Render(id);

    /// <summary>The chart as a file of its own.</summary>
    public string ToStandaloneSvg() => new LineChartSvg(this).Render("chart", style: $"<style>{Style}</style>");
}
