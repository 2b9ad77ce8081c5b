namespace Electra.Reporting;

/// <summary>A chart of lines as SVG: axes with round ticks, a legend with each line's last value, readable without colour, in light and dark.</summary>
/// <param name="Title">What is shown.</param>
/// <param name="XLabel">What the horizontal axis counts.</param>
/// <param name="Series">The lines, in the order of the legend.</param>
/// <param name="HasLogX">Equal ratios of x take equal space; points whose x is not positive are left out.</param>
/// <param name="IsWide">Twice as wide as high charts beside each other are.</param>
public sealed record LineChart(string Title, string XLabel, IReadOnlyList<ChartSeries> Series, bool HasLogX = false, bool IsWide = false)
{
    /// <summary>The style sheet that a page with charts must hold.</summary>
    public static string Style => ChartStyle.Css;

    /// <summary>Rows that the legend takes below the title; 0 if it fits beside it.</summary>
    public int NumLegendRows => new LineChartSvg(this, "", minLegendRows: 0).NumLegendRows;

    /// <summary>The chart for a page that holds <see cref="Style"/>.</summary>
    /// <param name="id">Unique in the page; letters and digits.</param>
    /// <param name="minLegendRows">Room for so many rows of legend, so that charts beside each other are equally high.</param>
    public string ToSvg(string id, int minLegendRows = 0) => new LineChartSvg(this, id, minLegendRows).Render("");

    /// <summary>The chart as a file of its own.</summary>
    public string ToStandaloneSvg() => new LineChartSvg(this, "chart", minLegendRows: 0).Render($"<style>{Style}</style>");
}
