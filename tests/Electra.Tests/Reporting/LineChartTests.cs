using System.Xml.Linq;
using Electra.Reporting;

namespace Electra.Tests.Reporting;

public sealed class LineChartTests
{
    static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void Ticks_in_powers_of_ten_have_room_left_of_the_axis()
    {
        var svg = new LineChartSvg(new LineChart("Learning rate", "step", [new ChartSeries("", [0, 10], [0, 2e-4])])).Render("a");

        // Right-aligned at 62; a digit of 12 pixels is at most 7.7 wide, the sign of multiplication 10, a raised digit 4.5: 55 in all.
        Assert.Contains("""<text x="62" y="44.0" text-anchor="end">2.0×10⁻⁴</text>""", svg);
    }

    [Fact]
    public void A_chart_is_well_formed_with_title_and_description()
    {
        var svg = Draw(new LineChart("Loss <&>", "step", [new ChartSeries("a \"b\"", [1, 2, 3], [3, 2, 1])]));

        Assert.Equal("img", svg.Attribute("role")!.Value);
        Assert.Equal("Loss <&>", svg.Element(Svg + "title")!.Value);
        Assert.Equal("Lines over step. a \"b\" ends at 1.", svg.Element(Svg + "desc")!.Value);
        Assert.Equal("chart1-title chart1-text", svg.Attribute("aria-labelledby")!.Value);
    }

    [Fact]
    public void A_line_goes_through_its_points()
    {
        // x from 0 to 10 over 70 to 508, y from 0 to 100 over 236 to 40 (no legend row).
        var line = Line(Draw(new LineChart("t", "step", [new ChartSeries("", [0, 5, 10], [0, 100, 50])])));

        Assert.Equal("M70,236L289,40L508,138", line);
    }

    [Fact]
    public void A_gap_breaks_the_line_and_a_lone_point_is_a_dot()
    {
        var line = Line(Draw(new LineChart("t", "step", [new ChartSeries("", [0, 1, 2, 3, 4], [0, 1, double.NaN, 1, double.PositiveInfinity])])));

        Assert.Equal(2, line.Count(letter => letter == 'M'));
        Assert.EndsWith("h0", line);
    }

    [Fact]
    public void Equal_ratios_take_equal_space_on_a_logarithmic_axis()
    {
        var svg = Draw(new LineChart("t", "step", [new ChartSeries("", [0, 1, 10, 100], [5, 0, 50, 100])], HasLogX: true));

        Assert.Equal("M70,236L289,138L508,40", Line(svg)); // the point at 0 is left out
        Assert.Equal(["1", "10", "100", "step"], Texts(svg).TakeLast(4));
    }

    [Theory]
    [InlineData(0, false), InlineData(5, true)]
    public void A_chart_without_values_says_so(int numPoints, bool hasLogX)
    {
        double[] nothing = [.. Enumerable.Repeat(double.NaN, numPoints)];

        var svg = Draw(new LineChart("t", "step", [new ChartSeries("a", nothing, nothing)], hasLogX));

        Assert.Contains("no values yet", Texts(svg));
    }

    [Theory]
    [InlineData(0), InlineData(3.5), InlineData(-1e-12), InlineData(1e300)]
    public void A_constant_has_an_axis_around_it(double value)
    {
        var line = Line(Draw(new LineChart("t", "step", [new ChartSeries("", [1, 2], [value, value])])));

        Assert.DoesNotContain("NaN", line);
        Assert.InRange(double.Parse(line.Split('L')[1].Split(',')[1]), 41, 235);
    }

    [Theory]
    [InlineData(1, 1), InlineData(0.3, 1), InlineData(0.95, 0.97)]
    public void The_axis_of_shares_ends_at_1(double first, double last)
    {
        var svg = Draw(new LineChart("t", "step", [new ChartSeries("", [1, 2], [first, last])]));

        Assert.InRange(double.Parse(svg.Attribute("data-y")!.Value.Split(' ')[1]), last, 1);
    }

    [Fact]
    public void A_noisy_line_has_its_values_faint_behind_its_average()
    {
        double[] x = [.. Enumerable.Range(0, 500)], y = [.. x.Select(step => 10 + step % 2)];

        var svg = Draw(new LineChart("t", "step", [new ChartSeries("noise", x, y, IsNoisy: true)]));

        Assert.Equal(["s0 raw", "s0 line"], svg.Descendants(Svg + "g").Single().Elements().Select(path => path.Attribute("class")!.Value));
        Assert.Contains(Texts(svg), text => text.StartsWith("noise 10."));
    }

    [Fact]
    public void A_few_wild_values_do_not_flatten_the_rest()
    {
        double[] x = [.. Enumerable.Range(0, 2000)], y = [.. x.Select(step => step is 700 ? 1e6 : 1 + step % 3)];

        var svg = Draw(new LineChart("t", "step", [new ChartSeries("", x, y, IsNoisy: true)]));

        Assert.Contains("single values lie beyond the axis", Texts(svg));
    }

    [Fact]
    public void A_slot_keeps_its_colour_whatever_else_the_chart_shows()
    {
        var svg = Draw(new LineChart("t", "step", [new ChartSeries("b", [1, 2], [1, 2], Slot: 1), new ChartSeries("old", [1, 2], [2, 1], IsContext: true)]));

        Assert.Equal(["context line", "s1 line"], svg.Descendants(Svg + "path").Where(path => path.Attribute("data-name") is not null).Select(path => path.Attribute("class")!.Value));
    }

    [Fact]
    public void Legends_wrap_where_names_are_long()
    {
        var series = Enumerable.Range(0, 4).Select(i => new ChartSeries($"a rather long name of a run, number {i}, and more of it", [1, 2], [1, 2])).ToList();

        var svg = Draw(new LineChart("t", "step", series));

        var names = svg.Descendants(Svg + "tspan").ToList();
        Assert.Equal(4, names.Select(name => name.Parent!.Attribute("y")!.Value).Distinct().Count());
        Assert.All(names, name => Assert.EndsWith("\u2026", name.Value));
    }

    [Fact]
    public void A_file_of_its_own_carries_its_style() =>
        Assert.Contains("prefers-color-scheme:dark", new LineChart("t", "step", [new ChartSeries("a", [1], [1])]).ToStandaloneSvg());

    [Fact]
    public void Thinning_keeps_extremes_and_ends()
    {
        double[] x = [.. Enumerable.Range(0, 100_000)], y = [.. x.Select(place => Math.Sin(place))];
        y[50_123] = 9;
        y[70_001] = -9;
        y[0] = 0.25;
        y[^1] = 0.75;

        var points = Curve.Thin(x, y, 1000);

        Assert.InRange(points.Count, 900, 1000);
        Assert.Contains((50_123, 9), points);
        Assert.Contains((70_001, -9), points);
        Assert.Equal((0, 0.25), points[0]);
        Assert.Equal((99_999, 0.75), points[^1]);
        Assert.Equal(points.OrderBy(point => point.X), points);
    }

    [Fact]
    public void Thinning_keeps_long_gaps()
    {
        double[] x = [.. Enumerable.Range(0, 10_000)], y = [.. x.Select(place => place is > 4000 and < 5000 ? double.NaN : place)];

        var points = Curve.Thin(x, y, 100);

        Assert.Contains(points, point => double.IsNaN(point.Y));
        Assert.All(points.Where(point => double.IsNaN(point.Y)), point => Assert.InRange(point.X, 4000, 5000));
    }

    [Fact]
    public void Smoothing_leaves_a_line_as_it_is_to_both_ends()
    {
        double[] line = [.. Enumerable.Range(0, 200).Select(i => 3.0 * i - 7)];

        Assert.All(Curve.Smooth(line, halfLife: 10).Zip(line), pair => Assert.Equal(pair.Second, pair.First, 6));
    }

    [Fact]
    public void Smoothing_takes_noise_away_and_leaves_gaps()
    {
        double[] values = [.. Enumerable.Range(0, 400).Select(i => i == 200 ? double.NaN : i % 2 == 0 ? 1.0 : -1.0)];

        var smoothed = Curve.Smooth(values, halfLife: 20);

        Assert.True(double.IsNaN(smoothed[200]));
        Assert.All(smoothed.Where(double.IsFinite), value => Assert.InRange(value, -0.15, 0.15));
    }

    [Fact]
    public void A_single_value_is_its_own_average() => Assert.Equal([5], Curve.Smooth([5], 10));

    [Theory]
    [InlineData(0, 10, 5, "0 2 4 6 8 10")]
    [InlineData(0, 12000, 6, "0 2k 4k 6k 8k 10k 12k")]
    [InlineData(0.1, 0.35, 5, "0.10 0.15 0.20 0.25 0.30 0.35")]
    [InlineData(-1, 1, 4, "\u22121.0 \u22120.5 0 0.5 1.0")]
    [InlineData(0, 5e-4, 5, "0 1\u00d710\u207b\u2074 2\u00d710\u207b\u2074 3\u00d710\u207b\u2074 4\u00d710\u207b\u2074 5\u00d710\u207b\u2074")]
    [InlineData(0, 3e17, 3, "0 1\u00d710\u00b9\u2077 2\u00d710\u00b9\u2077 3\u00d710\u00b9\u2077")]
    [InlineData(0, 2.5e9, 5, "0 0.5B 1.0B 1.5B 2.0B 2.5B")]
    public void Ticks_are_round_and_written_with_the_digits_they_need(double min, double max, int wanted, string expected) =>
        Assert.Equal(expected, string.Join(' ', new ChartAxis(min, max, 0, 1, wanted).Ticks.Select(tick => tick.Text)));

    [Theory]
    [InlineData(1, 1000, "1 10 100 1000")]
    [InlineData(2, 70, "2 5 10 20 50")]
    public void Logarithmic_ticks_are_powers_of_ten_or_finer(double min, double max, string expected) =>
        Assert.Equal(expected, string.Join(' ', new ChartAxis(min, max, 0, 1, 6, isLog: true).Ticks.Select(tick => tick.Text)));

    [Theory]
    [InlineData(0.56728, "0.5673"), InlineData(12.344, "12.34"), InlineData(54321.4, "54,321"), InlineData(49_152_000, "49.15 M")]
    [InlineData(-3, "\u22123"), InlineData(0, "0"), InlineData(double.NaN, "\u2013"), InlineData(5e-4, "5\u00d710\u207b\u2074"), InlineData(2.87e17, "2.87\u00d710\u00b9\u2077")]
    [InlineData(9.99996e-5, "1\u00d710\u207b\u2074")]
    public void Figures_have_four_significant_digits(double value, string expected) => Assert.Equal(expected, FigureText.Number(value));

    [Theory]
    [InlineData(45, "45 s"), InlineData(754, "12 min 34 s"), InlineData(11100, "3 h 5 min"), InlineData(187200, "2 d 4 h"), InlineData(59.7, "1 min 0 s")]
    public void Durations_have_two_units(double seconds, string expected) => Assert.Equal(expected, FigureText.Duration(seconds));

    static XElement Draw(LineChart chart) => XElement.Parse(chart.ToSvg("chart1"));

    static string Line(XElement svg) => svg.Descendants(Svg + "path").Single(path => path.Attribute("class")!.Value == "s0 line" && path.Attribute("data-name") is not null).Attribute("d")!.Value;

    static List<string> Texts(XElement svg) => [.. svg.Descendants(Svg + "text").Select(text => text.Value)];
}
