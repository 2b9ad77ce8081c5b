using System.Text;

namespace Electra.Reporting;

/// <summary>
/// Swatch, name and last value of each line: to the right of the title where they fit, else in rows below it. A line without a name shows
/// its value only.
/// </summary>
sealed class ChartLegend
{
    public const double RowHeight = 18;

    const double SwatchWidth = 20, Gap = 16;

    /// <summary>
    /// Mean width of a letter at 12 and 14 px in the fonts of the style sheet; text cannot be measured before it is drawn.
    /// </summary>
    const double LetterWidth = 6.6, TitleLetterWidth = 8.2;

    const int MaxNameLength = 44;

    readonly double _right;
    readonly List<(double X, int Row, ChartLine Line, string Text)> _entries = [];

    /// <summary>Lays the lines out between <paramref name="left"/> and <paramref name="right"/>.</summary>
    public ChartLegend(string title, double left, double right, IReadOnlyList<ChartLine> lines)
    {
        _right = right;
        var texts = lines.Select(line => Shorten(line.Name)).ToList();
        var widths = lines.Select((line, i) => SwatchWidth + 6 + LetterWidth * $"{texts[i]} {FigureText.Number(line.Last)}".Length).ToList();
        var total = widths.Sum() + Gap * (lines.Count - 1);
        var isBesideTitle = left + TitleLetterWidth * title.Length + 2 * Gap + total <= right;

        var (x, row) = isBesideTitle ? (right - total, 0) : (left, 1);
        for (var i = 0; i < lines.Count; i++)
        {
            if (x > left && x + widths[i] > right) (x, row) = (left, row + 1);
            _entries.Add((x, row, lines[i], texts[i]));
            x += widths[i] + Gap;
        }
        NumRows = lines.Count == 0 ? 0 : row;
    }

    /// <summary>Rows below the title.</summary>
    public int NumRows { get; }

    static string Shorten(string name) => name.Length > MaxNameLength ? $"{name[..(MaxNameLength - 1)]}\u2026" : name;

    /// <summary>Draws the entries, row 0 on the title's base line.</summary>
    public void Render(StringBuilder svg, double titleBase)
    {
        foreach (var (x, row, line, text) in _entries)
        {
            var baseLine = titleBase + row * RowHeight;
            if (text.Length == 0)
            {
                svg.Append($"""<text x="{_right}" y="{baseLine}" text-anchor="end">{FigureText.Number(line.Last)}</text>""");
                continue;
            }
            svg.Append($"""<path class="{line.Style} line" d="M{x:F0},{baseLine - 4}h{SwatchWidth}"/>""");
            svg.Append($"""<text x="{x + SwatchWidth + 6:F0}" y="{baseLine}"><tspan class="name">{FigureText.Escape(text)}</tspan> """);
            svg.Append($"{FigureText.Number(line.Last)}</text>");
        }
    }
}
