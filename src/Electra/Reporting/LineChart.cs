using System.Text;

namespace Electra.Reporting;

/// <summary>A chart of lines as SVG: axes with round ticks, a legend with each line's last value, readable without colour, in light and dark.</summary>
/// <param name="Title">What is shown.</param>
/// <param name="XLabel">What the horizontal axis counts.</param>
/// <param name="Series">The lines, in the order of the legend.</param>
/// <param name="HasLogX">Equal ratios of x take equal space; points whose x is not positive are left out.</param>
public sealed record LineChart(string Title, string XLabel, IReadOnlyList<ChartSeries> Series, bool HasLogX = false)
{
    const double Width = 520, Left = 52, Right = 508, PlotHeight = 196, BelowPlot = 40;
    const int MaxPoints = 1000, NumXTicks = 6, NumYTicks = 5, MaxMarkers = 40;

    /// <summary>A noisy line's average halves its weights every hundredth of the run.</summary>
    const double HalfLifeShare = 0.01;

    /// <summary>The style sheet for charts inside a page: text, grid, and a palette told apart with any colour vision (after Okabe and Ito).</summary>
    public const string Style = """
        .chart{--c0:#0072b2;--c1:#d55e00;--c2:#008060;--c3:#b0508e;--c4:#8a6a00;--c5:#5b5bb8;--c6:#333;--context:#8a8f98;--ink:#1c1e21;--quiet:#5f6570;--grid:#e4e6ea;--paper:#fff;font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif;font-size:12px;display:block;width:100%;height:auto}
        @media (prefers-color-scheme:dark){.chart{--c0:#56b4e9;--c1:#ff8b45;--c2:#35c497;--c3:#e58ec4;--c4:#e2bb2e;--c5:#a9a9f0;--c6:#ddd;--context:#8b919c;--ink:#e8eaed;--quiet:#a3a9b3;--grid:#343840;--paper:#1d2025}}
        .chart text{fill:var(--quiet);font-variant-numeric:tabular-nums}.chart .title{fill:var(--ink);font-size:14px;font-weight:600}.chart .name{fill:var(--ink)}
        .chart .grid{stroke:var(--grid);stroke-width:1;fill:none}.chart .axis{stroke:var(--quiet);stroke-width:1;fill:none}
        .chart .line{fill:none;stroke-width:1.8;stroke-linejoin:round;stroke-linecap:round}.chart .raw{fill:none;stroke-width:1;stroke-linejoin:round;stroke-linecap:round;opacity:.28}.chart .dot{stroke:var(--paper);stroke-width:1}
        .chart .s0{stroke:var(--c0)}.chart .s1{stroke:var(--c1)}.chart .s2{stroke:var(--c2)}.chart .s3{stroke:var(--c3);stroke-dasharray:7 3}.chart .s4{stroke:var(--c4);stroke-dasharray:2.5 3.5}.chart .s5{stroke:var(--c5);stroke-dasharray:9 3 2 3}.chart .s6{stroke:var(--c6);stroke-dasharray:4 4}.chart .context{stroke:var(--context);stroke-width:1.4}
        .chart .f0{fill:var(--c0)}.chart .f1{fill:var(--c1)}.chart .f2{fill:var(--c2)}.chart .f3{fill:var(--c3)}.chart .f4{fill:var(--c4)}.chart .f5{fill:var(--c5)}.chart .f6{fill:var(--c6)}.chart .raw{stroke-dasharray:none}
        """;

    const int NumStyles = 7;

    /// <summary>The chart for a page that holds <see cref="Style"/>.</summary>
    /// <param name="id">Unique in the page.</param>
    public string ToSvg(string id = "chart") => Render(id, "");

    /// <summary>The chart as a file of its own.</summary>
    public string ToStandaloneSvg() => Render("chart", $"<style>{Style}</style>");

    string Render(string id, string style)
    {
        var curves = Series.Select(Prepare).ToList();
        var legend = new ChartLegend(Left - 40, Right, Series.Select((series, i) => (series, ClassOf(i))));
        var top = 40 + legend.Height;
        var bottom = top + PlotHeight;
        var height = bottom + BelowPlot;

        var svg = new StringBuilder();
        svg.Append($"""<svg class="chart" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {height}" role="img" aria-labelledby="{id}-title {id}-text">""");
        svg.Append(style);
        svg.Append($"""<title id="{id}-title">{FigureText.Escape(Title)}</title><desc id="{id}-text">{FigureText.Escape(Describe())}</desc>""");
        svg.Append($"""<text class="title" x="{Left - 40}" y="20">{FigureText.Escape(Title)}</text>""");
        legend.Render(svg, top: 38);

        var places = curves.SelectMany(curve => curve.Line.Concat(curve.Raw)).Where(point => double.IsFinite(point.Y)).ToList();
        if (places.Count == 0)
        {
            svg.Append($"""<text x="{(Left + Right) / 2}" y="{(top + bottom) / 2:F0}" text-anchor="middle">no values yet</text></svg>""");
            return svg.ToString();
        }

        var horizontal = HorizontalAxis(places.Min(point => point.X), places.Max(point => point.X));
        var (low, high, isCut) = VerticalRange(curves);
        var vertical = new ChartAxis(low, high, bottom, top, NumYTicks);
        RenderAxes(svg, horizontal, vertical, top, bottom);
        svg.Append($"""<clipPath id="{id}-clip"><rect x="{Left - 3}" y="{top - 3}" width="{Right - Left + 6}" height="{PlotHeight + 6}"/></clipPath><g clip-path="url(#{id}-clip)">""");
        foreach (var i in Enumerable.Range(0, curves.Count).OrderByDescending(i => Series[i].IsContext))
            RenderCurve(svg, curves[i], ClassOf(i), horizontal, vertical);
        svg.Append("</g>");
        if (isCut) svg.Append($"""<text x="{Left}" y="{height - 6:F0}">single values lie beyond the axis</text>""");
        svg.Append("</svg>");
        return svg.ToString();
    }

    /// <summary>The context line is grey; the others take the styles in order.</summary>
    string ClassOf(int index) => Series[index].IsContext ? "context" : $"s{Series.Take(index).Count(series => !series.IsContext) % NumStyles}";

    (List<(double X, double Y)> Line, List<(double X, double Y)> Raw) Prepare(ChartSeries series)
    {
        var (x, y) = HasLogX ? WherePositive(series) : (series.X, series.Y);
        var places = HasLogX ? [.. x.Select(place => Math.Log(place))] : x;
        IReadOnlyList<double> line = series.IsNoisy ? Curve.Smooth(y, Math.Max(1, HalfLifeShare * y.Count)) : y;
        List<(double, double)> Thin(IReadOnlyList<double> values) =>
            [.. Curve.Thin(places, values, MaxPoints).Select(point => (HasLogX ? Math.Exp(point.X) : point.X, point.Y))];
        return (Thin(line), series.IsNoisy ? Thin(y) : []);
    }

    static (IReadOnlyList<double> X, IReadOnlyList<double> Y) WherePositive(ChartSeries series)
    {
        var kept = Enumerable.Range(0, series.X.Count).Where(i => series.X[i] > 0).ToList();
        return ([.. kept.Select(i => series.X[i])], [.. kept.Select(i => series.Y[i])]);
    }

    ChartAxis HorizontalAxis(double min, double max)
    {
        if (!HasLogX && min > 0 && min < 0.2 * max) min = 0; // the first logged step is not where the run began
        if (max <= min) (min, max) = HasLogX ? (min / 2, max * 2) : ChartAxis.RoundOut(min, max, NumXTicks);
        return new ChartAxis(min, max, Left, Right, NumXTicks, HasLogX);
    }

    /// <summary>All that is drawn, unless a few values of a noisy line lie so far out that the rest would be flat.</summary>
    static (double Low, double High, bool IsCut) VerticalRange(List<(List<(double X, double Y)> Line, List<(double X, double Y)> Raw)> curves)
    {
        var lines = curves.SelectMany(curve => curve.Line).Select(point => point.Y).Where(double.IsFinite).ToArray();
        double low = lines.Min(), high = lines.Max(), lowest = low, highest = high;
        foreach (var (_, raw) in curves)
        {
            var values = raw.Select(point => point.Y).Where(double.IsFinite).Order().ToArray();
            if (values.Length == 0) continue;
            low = Math.Min(low, values[values.Length / 100]);
            high = Math.Max(high, values[^(1 + values.Length / 100)]);
            (lowest, highest) = (Math.Min(lowest, values[0]), Math.Max(highest, values[^1]));
        }
        var span = high - low;
        var isCut = span > 0 && (lowest < low - span || highest > high + span);
        if (!isCut) (low, high) = (lowest, highest);
        (low, high) = ChartAxis.RoundOut(low, high, NumYTicks);
        return (low, high, isCut);
    }

    void RenderAxes(StringBuilder svg, ChartAxis horizontal, ChartAxis vertical, double top, double bottom)
    {
        foreach (var (place, text) in vertical.Ticks)
        {
            svg.Append($"""<path class="grid" d="M{Left},{place:F1}H{Right}"/>""");
            svg.Append($"""<text x="{Left - 8}" y="{place + 4:F1}" text-anchor="end">{text}</text>""");
        }
        svg.Append($"""<path class="axis" d="M{Left},{bottom:F1}H{Right}"/>""");
        foreach (var (place, text) in horizontal.Ticks)
        {
            svg.Append($"""<path class="axis" d="M{place:F1},{bottom:F1}v4"/>""");
            svg.Append($"""<text x="{place:F1}" y="{bottom + 17:F1}" text-anchor="{(place > Right - 12 ? "end" : "middle")}">{text}</text>""");
        }
        svg.Append($"""<text x="{Right}" y="{bottom + 34:F1}" text-anchor="end">{FigureText.Escape(XLabel)}</text>""");
    }

    static void RenderCurve(
        StringBuilder svg, (List<(double X, double Y)> Line, List<(double X, double Y)> Raw) curve, string style, ChartAxis horizontal, ChartAxis vertical)
    {
        if (curve.Raw.Count > 0) svg.Append($"""<path class="{style} raw" d="{Path(curve.Raw, horizontal, vertical)}"/>""");
        svg.Append($"""<path class="{style} line" d="{Path(curve.Line, horizontal, vertical)}"/>""");
        if (curve.Raw.Count > 0 || curve.Line.Count > MaxMarkers || style == "context") return;
        foreach (var (x, y) in curve.Line.Where(point => double.IsFinite(point.Y)))
            svg.Append($"""<circle class="dot f{style[1..]}" cx="{horizontal.Place(x):F1}" cy="{vertical.Place(y):F1}" r="3.2"/>""");
    }

    /// <summary>A line through the points, broken at gaps; a point between two gaps is drawn as a dot by its round ends.</summary>
    static string Path(List<(double X, double Y)> points, ChartAxis horizontal, ChartAxis vertical)
    {
        var path = new StringBuilder();
        var isDown = false;
        for (var i = 0; i < points.Count; i++)
        {
            var (x, y) = points[i];
            if (double.IsFinite(y)) path.Append($"{(isDown ? 'L' : 'M')}{horizontal.Place(x):0.#},{vertical.Place(y):0.#}");
            if (double.IsFinite(y) && !isDown && (i + 1 == points.Count || !double.IsFinite(points[i + 1].Y))) path.Append("h0");
            isDown = double.IsFinite(y);
        }
        return path.ToString();
    }

    string Describe()
    {
        var lines = Series.Select(series => $"{series.Name} ends at {FigureText.Number(series.Y.LastOrDefault(double.IsFinite, double.NaN))}");
        return $"Line chart over {XLabel}. {string.Join("; ", lines)}.";
    }
}
