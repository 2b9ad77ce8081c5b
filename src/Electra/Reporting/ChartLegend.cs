using System.Text;

namespace Electra.Reporting;

/// <summary>Swatch, name and last value of each line, wrapped to the chart's width.</summary>
sealed class ChartLegend
{
    const double LineHeight = 18, SwatchWidth = 20, Gap = 18;

    /// <summary>Mean width of a letter at 12 px in the fonts of the style sheet; SVG cannot be measured before it is drawn.</summary>
    const double LetterWidth = 6.6;

    const int MaxNameLength = 44;

    readonly List<(double X, int Line, string Style, string Name, string Value)> _entries = [];

    /// <summary>Lays the entries out from <paramref name="left"/> to <paramref name="right"/>.</summary>
    public ChartLegend(double left, double right, IEnumerable<(ChartSeries Series, string Style)> lines)
    {
        var (x, line) = (left, 0);
        foreach (var (series, style) in lines)
        {
            var name = series.Name.Length > MaxNameLength ? $"{series.Name[..(MaxNameLength - 1)]}\u2026" : series.Name;
            var value = FigureText.Number(series.Y.LastOrDefault(double.IsFinite, double.NaN));
            var width = SwatchWidth + 6 + LetterWidth * (name.Length + 1 + value.Length);
            if (x > left && x + width > right) (x, line) = (left, line + 1);
            _entries.Add((x, line, style, name, value));
            x += width + Gap;
        }
        Height = _entries.Count == 0 ? 0 : (line + 1) * LineHeight;
    }

    /// <summary>Height of all lines.</summary>
    public double Height { get; }

    public void Render(StringBuilder svg, double top)
    {
        foreach (var (x, line, style, name, value) in _entries)
        {
            var middle = top + line * LineHeight;
            svg.Append($"""<path class="{style} line" d="M{x:F0},{middle:F0}h{SwatchWidth}"/>""");
            svg.Append($"""<text x="{x + SwatchWidth + 6:F0}" y="{middle + 4:F0}"><tspan class="name">{FigureText.Escape(name)}</tspan> {value}</text>""");
        }
    }
}
