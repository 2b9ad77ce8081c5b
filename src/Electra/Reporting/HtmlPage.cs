using System.Text;
using Electra.Files;

namespace Electra.Reporting;

/// <summary>
/// A report as one HTML file that needs nothing else: no network, no script but the reading line of its charts. Text is escaped here.
/// </summary>
public sealed class HtmlPage
{
    /// <summary>Tells the program's own pages, which it may write again, from a file that is somebody else's.</summary>
    const string Generator = """<meta name="generator" content="Electra for .NET">""";

    /// <summary>The mark stands among a page's first bytes.</summary>
    const int HeadBytes = 1024;

    readonly StringBuilder _body = new();
    int _numCharts;

    /// <param name="title">The page's title.</param>
    /// <param name="subtitle">One line below it.</param>
    public HtmlPage(string title, string subtitle)
    {
        Title = title;
        _body.Append($"<header><h1>{FigureText.Escape(title)}</h1><p class=\"quiet\">{FigureText.Escape(subtitle)}</p></header>\n");
    }

    /// <summary>The page's title.</summary>
    public string Title { get; }

    /// <summary>A heading, and a line of explanation under it.</summary>
    public void Heading(string text, string? note = null)
    {
        _body.Append($"<h2>{FigureText.Escape(text)}</h2>\n");
        if (note is not null) _body.Append($"<p class=\"quiet\">{FigureText.Escape(note)}</p>\n");
    }

    /// <summary>The few figures that say it all, large.</summary>
    public void Tiles(IEnumerable<(string Label, string Value)> tiles)
    {
        _body.Append("<dl class=\"tiles\">");
        foreach (var (label, value) in tiles)
            _body.Append($"<div><dt>{FigureText.Escape(label)}</dt><dd>{FigureText.Escape(value)}</dd></div>");
        _body.Append("</dl>\n");
    }

    /// <summary>Charts in two columns; of an odd number the first is as wide as both, and on a narrow screen as wide as one.</summary>
    public void Charts(IReadOnlyList<LineChart> charts)
    {
        List<LineChartSvg> drawings = [.. charts.Select(chart => new LineChartSvg(chart))];
        var legendRows = drawings.Select(drawing => drawing.NumLegendRows).DefaultIfEmpty(0).Max();
        _body.Append("<div class=\"charts\">\n");
        for (var i = 0; i < drawings.Count; i++)
        {
            var isWide = i == 0 && drawings.Count % 2 == 1;
            _body.Append(isWide ? $"<figure class=\"both\">{drawings[i].Render(NextId(), isWide, legendRows)}" : "<figure>");
            _body.Append($"{drawings[i].Render(NextId(), isWide: false, legendRows)}</figure>\n");
        }
        _body.Append("</div>\n");
    }

    /// <summary>The same charts over several horizontal axes, of which the reader chooses one.</summary>
    /// <param name="name">Unique in the page: letters only.</param>
    /// <param name="choices">What to choose from, the first one shown at first.</param>
    public void Choice(string name, IReadOnlyList<(string Label, IReadOnlyList<LineChart> Charts)> choices)
    {
        _body.Append("<div class=\"choice\">\n");
        for (var i = 0; i < choices.Count; i++)
        {
            _body.Append($"<input type=\"radio\" name=\"{name}\" id=\"{name}{i}\"{(i == 0 ? " checked" : "")}>");
            _body.Append($"<label for=\"{name}{i}\">{FigureText.Escape(choices[i].Label)}</label>\n");
        }
        foreach (var (_, charts) in choices) Charts(charts);
        _body.Append("</div>\n");
    }

    /// <summary>A table; cells after the first column are right-aligned figures.</summary>
    public void Table(IReadOnlyList<string> header, IEnumerable<IReadOnlyList<string>> rows)
    {
        _body.Append("<div class=\"card wide\"><table><thead><tr>");
        foreach (var cell in header) _body.Append($"<th scope=\"col\">{FigureText.Escape(cell)}</th>");
        _body.Append("</tr></thead><tbody>\n");
        foreach (var row in rows)
        {
            _body.Append($"<tr><th scope=\"row\">{FigureText.Escape(row[0])}</th>");
            foreach (var cell in row.Skip(1)) _body.Append($"<td>{FigureText.Escape(cell)}</td>");
            _body.Append("</tr>\n");
        }
        _body.Append("</tbody></table></div>\n");
    }

    /// <summary>A table of text: cells wrap and stand on the left.</summary>
    public void TextTable(IReadOnlyList<string> header, IEnumerable<IReadOnlyList<string>> rows)
    {
        _body.Append("<div class=\"texts\">\n");
        Table(header, rows);
        _body.Append("</div>\n");
    }

    /// <summary>Counts by row and column, each shaded by its share of its row.</summary>
    /// <param name="corner">What rows and columns are.</param>
    /// <param name="names">Names of rows and columns.</param>
    /// <param name="count">The count at row and column.</param>
    public void Matrix(string corner, IReadOnlyList<string> names, Func<int, int, long> count)
    {
        _body.Append($"<div class=\"card wide\"><table class=\"matrix\"><thead><tr><th scope=\"col\">{FigureText.Escape(corner)}</th>");
        foreach (var name in names) _body.Append($"<th scope=\"col\">{FigureText.Escape(name)}</th>");
        _body.Append("</tr></thead><tbody>\n");
        for (var row = 0; row < names.Count; row++)
        {
            var total = Math.Max(1, Enumerable.Range(0, names.Count).Sum(column => count(row, column)));
            _body.Append($"<tr><th scope=\"row\">{FigureText.Escape(names[row])}</th>");
            for (var column = 0; column < names.Count; column++)
            {
                var share = (double)count(row, column) / total;
                _body.Append($"<td style=\"--share:{60 * share:F0}%\" title=\"{100 * share:F1} % of {FigureText.Escape(names[row])}\">{count(row, column):N0}</td>");
            }
            _body.Append("</tr>\n");
        }
        _body.Append("</tbody></table></div>\n");
    }

    /// <summary>Cards of names and values.</summary>
    public void Facts(IEnumerable<FactSection> sections)
    {
        _body.Append("<div class=\"facts\">\n");
        foreach (var section in sections)
        {
            _body.Append($"<section class=\"card\"><h3>{FigureText.Escape(section.Name)}</h3><dl>");
            foreach (var (name, value) in section.Facts)
                _body.Append($"<dt>{FigureText.Escape(name)}</dt><dd>{FigureText.Escape(value)}</dd>");
            _body.Append("</dl></section>\n");
        }
        _body.Append("</div>\n");
    }

    string NextId() => $"chart{++_numCharts}";

    /// <summary>The whole file.</summary>
    public override string ToString() => $"""
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
        {Generator}
        <title>{FigureText.Escape(Title)}</title>
        <style>
        {HtmlStyle.Page}
        {LineChart.Style}
        </style></head>
        <body><main>
        {_body}</main>
        <script>
        {HtmlStyle.ReadingLine}
        </script></body></html>

        """;

    /// <summary>Refuses to write over a file that is no page of this program.</summary>
    /// <exception cref="InvalidDataException">There is such a file.</exception>
    public static void RefuseOther(string path)
    {
        if (!File.Exists(path)) return;
        using var file = File.OpenRead(path);
        var head = new byte[HeadBytes];
        var length = file.ReadAtLeast(head, HeadBytes, throwOnEndOfStream: false);
        if (!Encoding.UTF8.GetString(head, 0, length).Contains(Generator, StringComparison.Ordinal))
            throw new InvalidDataException($"{path} is there already, and no report of this program. Give another --out, or --overwrite.");
    }

    /// <summary>Writes the file at once, so that a reader never sees half a page.</summary>
    public void Save(string path) => AtomicFile.WriteText(path, ToString());
}
