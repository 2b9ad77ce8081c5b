using System.Text;

namespace Electra.Reporting;

/// <summary>Draws one chart. Lengths are units of the view box, about a pixel each where two charts stand side by side on a desk.</summary>
sealed class LineChartSvg
{
    const double Left = 70, TitleLeft = 12, TitleBase = 20, PlotHeight = 196, BelowPlot = 40;
    const int NumXTicks = 6, NumYTicks = 5, MaxMarkers = 40;

    const double Width = 520, WideWidth = 1080, RightMargin = 12;

    readonly LineChart _chart;
    readonly List<ChartLine> _lines;
    readonly StringBuilder _svg = new();
    double _right, _top, _bottom;

    public LineChartSvg(LineChart chart)
    {
        _chart = chart;
        _lines = [.. chart.Series.Select((series, i) => new ChartLine(series, StyleOf(series, i), chart.HasLogX))];
    }

    /// <summary>Rows that the legend takes below the title; 0 if it fits beside it.</summary>
    public int NumLegendRows => Legend(Width).NumRows;

    /// <param name="id">Unique in the page.</param>
    /// <param name="isWide">As wide as two charts side by side.</param>
    /// <param name="minLegendRows">Room for so many rows of legend, so that charts beside each other are equally high.</param>
    /// <param name="style">A style element, if the chart is to be a file of its own.</param>
    public string Render(string id, bool isWide = false, int minLegendRows = 0, string style = "")
    {
        var width = isWide ? WideWidth : Width;
        var legend = Legend(width);
        _right = width - RightMargin;
        _top = TitleBase + 20 + ChartLegend.RowHeight * Math.Max(legend.NumRows, minLegendRows);
        _bottom = _top + PlotHeight;

        _svg.Clear().Append($"""<svg class="chart" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {_bottom + BelowPlot}" """);
        _svg.Append($"""role="img" aria-labelledby="{id}-title {id}-text" """);
        var points = _lines.SelectMany(line => line.Points.Concat(line.Raw)).Where(point => double.IsFinite(point.Y)).ToList();
        if (points.Count == 0)
        {
            RenderTitle(id, style);
            _svg.Append($"""<text x="{(Left + _right) / 2}" y="{(_top + _bottom) / 2}" text-anchor="middle">no values yet</text></svg>""");
            return _svg.ToString();
        }

        var horizontal = HorizontalAxis(points.Min(point => point.X), points.Max(point => point.X), isWide ? 2 * NumXTicks : NumXTicks);
        var (low, high, isCut) = VerticalRange();
        var vertical = new ChartAxis(low, high, _bottom, _top, NumYTicks);
        // What the reading line needs to turn places back into values.
        _svg.Append($"""data-x="{horizontal.Min:R} {horizontal.Max:R} {Left} {_right} {(horizontal.IsLog ? 1 : 0)}" """);
        _svg.Append($"""data-y="{vertical.Min:R} {vertical.Max:R} {_bottom} {_top}" data-label="{FigureText.Escape(_chart.XLabel)}" """);
        RenderTitle(id, style);
        legend.Render(_svg, TitleBase);
        RenderAxes(horizontal, vertical);
        _svg.Append($"""<clipPath id="{id}-clip"><rect x="{Left - 4}" y="{_top - 4}" width="{_right - Left + 8}" height="{PlotHeight + 8}"/></clipPath>""");
        _svg.Append($"""<g clip-path="url(#{id}-clip)">""");
        foreach (var line in _lines.OrderByDescending(line => line.IsContext)) RenderLine(line, horizontal, vertical);
        _svg.Append("</g>");
        if (isCut) _svg.Append($"""<text x="{Left}" y="{_bottom + 34}">single values lie beyond the axis</text>""");
        return _svg.Append("</svg>").ToString();
    }

    ChartLegend Legend(double width) => new(_chart.Title, TitleLeft, width - RightMargin, _lines);

    string StyleOf(ChartSeries series, int index)
    {
        if (series.IsContext) return "context";
        return $"s{(series.Slot ?? _chart.Series.Take(index).Count(other => !other.IsContext)) % ChartStyle.NumSlots}";
    }

    void RenderTitle(string id, string style)
    {
        var figures = _lines.Select(line => $"{(line.Name.Length > 0 ? line.Name : "It")} ends at {FigureText.Number(line.Last)}");
        _svg.Append($""">{style}<title id="{id}-title">{FigureText.Escape(_chart.Title)}</title>""");
        _svg.Append($"""<desc id="{id}-text">{FigureText.Escape($"Lines over {_chart.XLabel}. {string.Join("; ", figures)}.")}</desc>""");
        _svg.Append($"""<text class="title" x="{TitleLeft}" y="{TitleBase}">{FigureText.Escape(_chart.Title)}</text>""");
    }

    ChartAxis HorizontalAxis(double min, double max, int numTicks)
    {
        if (!_chart.HasLogX && min > 0 && min < 0.2 * max) min = 0; // the first logged step is not where the run began
        if (max <= min) (min, max) = _chart.HasLogX ? (min / 2, max * 2) : ChartAxis.RoundOut(min, max, numTicks);
        return new ChartAxis(min, max, Left, _right, numTicks, _chart.HasLogX);
    }

    /// <summary>All that is drawn, unless a few values of a noisy line lie so far out that the rest would be flat.</summary>
    (double Low, double High, bool IsCut) VerticalRange()
    {
        var values = _lines.SelectMany(line => line.Points).Select(point => point.Y).Where(double.IsFinite).ToArray();
        double low = values.Min(), high = values.Max(), lowest = low, highest = high;
        foreach (var line in _lines)
        {
            var raw = line.Raw.Select(point => point.Y).Where(double.IsFinite).Order().ToArray();
            if (raw.Length == 0) continue;
            low = Math.Min(low, raw[raw.Length / 100]);
            high = Math.Max(high, raw[^(1 + raw.Length / 100)]);
            (lowest, highest) = (Math.Min(lowest, raw[0]), Math.Max(highest, raw[^1]));
        }
        var span = high - low;
        var isCut = span > 0 && (lowest < low - span || highest > high + span);
        if (!isCut) (low, high) = (lowest, highest);
        var isShare = low >= 0 && high <= 1 + 1e-9;
        (low, high) = ChartAxis.RoundOut(low, high, NumYTicks);
        if (isShare) high = Math.Min(high, 1); // no share is more than all
        return (low, high, isCut);
    }

    void RenderAxes(ChartAxis horizontal, ChartAxis vertical)
    {
        foreach (var (place, text) in vertical.Ticks)
        {
            _svg.Append($"""<path class="grid" d="M{Left},{place:F1}H{_right}"/>""");
            _svg.Append($"""<text x="{Left - 8}" y="{place + 4:F1}" text-anchor="end">{text}</text>""");
        }
        _svg.Append($"""<path class="axis" d="M{Left},{_bottom}H{_right}"/>""");
        foreach (var (place, text) in horizontal.Ticks)
        {
            var anchor = place > _right - 12 ? "end" : "middle";
            _svg.Append($"""<path class="axis" d="M{place:F1},{_bottom}v4"/>""");
            _svg.Append($"""<text x="{place:F1}" y="{_bottom + 17}" text-anchor="{anchor}">{text}</text>""");
        }
        _svg.Append($"""<text x="{_right}" y="{_bottom + 34}" text-anchor="end">{FigureText.Escape(_chart.XLabel)}</text>""");
    }

    void RenderLine(ChartLine line, ChartAxis horizontal, ChartAxis vertical)
    {
        if (line.Raw.Count > 0) _svg.Append($"""<path class="{line.Style} raw" d="{Path(line.Raw, horizontal, vertical)}"/>""");
        var name = FigureText.Escape(line.Name);
        _svg.Append($"""<path class="{line.Style} line" data-name="{name}" d="{Path(line.Points, horizontal, vertical)}"/>""");
        if (line.Raw.Count > 0 || line.Points.Count > MaxMarkers || line.IsContext) return;
        foreach (var (x, y) in line.Points.Where(point => double.IsFinite(point.Y)))
            _svg.Append($"""<circle class="dot f{line.Style[1..]}" cx="{horizontal.Place(x):F1}" cy="{vertical.Place(y):F1}" r="3.2"/>""");
    }

    /// <summary>A line through the points, broken at gaps; a point between two gaps is drawn as a dot by its round ends.</summary>
    static string Path(IReadOnlyList<(double X, double Y)> points, ChartAxis horizontal, ChartAxis vertical)
    {
        var path = new StringBuilder();
        var isDown = false;
        for (var i = 0; i < points.Count; i++)
        {
            var (x, y) = points[i];
            var isValue = double.IsFinite(y);
            if (isValue) path.Append($"{(isDown ? 'L' : 'M')}{horizontal.Place(x):0.#},{vertical.Place(y):0.#}");
            if (isValue && !isDown && (i + 1 == points.Count || !double.IsFinite(points[i + 1].Y))) path.Append("h0");
            isDown = isValue;
        }
        return path.ToString();
    }
}
