namespace Electra.Reporting;

/// <summary>Round numbers along an axis, and how they are written.</summary>
static class AxisTicks
{
    const string RaisedDigits = "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079";

    /// <summary>Multiples of 1, 2 or 5 times a power of ten within [min, max], about <paramref name="wanted"/> of them.</summary>
    public static double[] Linear(double min, double max, int wanted)
    {
        var step = Step(min, max, wanted);
        var first = (long)Math.Ceiling(min / step - 1e-9);
        var last = (long)Math.Floor(max / step + 1e-9);
        return [.. Enumerable.Range(0, (int)(last - first) + 1).Select(i => (first + i) * step)];
    }

    /// <summary>The distance of the ticks of <see cref="Linear"/>.</summary>
    public static double Step(double min, double max, int wanted)
    {
        var rough = (max - min) / wanted;
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        return power * ((rough / power) switch { < 1.5 => 1, < 3.5 => 2, < 7.5 => 5, _ => 10 });
    }

    /// <summary>Powers of ten within [min, max], both positive; between them 2 and 5 where there would be fewer than three.</summary>
    public static double[] Logarithmic(double min, double max)
    {
        var decades = Enumerable.Range((int)Math.Floor(Math.Log10(min)), (int)(Math.Log10(max) - Math.Log10(min)) + 2);
        double[] Within(params double[] factors) =>
            [.. decades.SelectMany(decade => factors.Select(factor => factor * Math.Pow(10, decade)))
                .Where(tick => tick >= min * (1 - 1e-9) && tick <= max * (1 + 1e-9))];
        double[] powers = Within(1);
        return powers.Length >= 3 ? powers : Within(1, 2, 5);
    }

    /// <summary>
    /// Writes a tick: thousands as k, M, B, T, beyond that and below a thousandth as powers of ten, with no more digits than its neighbours
    /// need.
    /// </summary>
    /// <param name="tick">The value.</param>
    /// <param name="step">Distance to the next tick.</param>
    /// <param name="largest">The largest absolute value on the axis, which decides the unit for all.</param>
    public static string Format(double tick, double step, double largest)
    {
        if (tick == 0 || Math.Abs(tick) < step * 1e-6) return "0";
        var exponent = (int)Math.Floor(Math.Log10(largest) + 1e-9);
        if (exponent is >= 15 or < -3)
        {
            var power = Math.Pow(10, exponent);
            return $"{Fixed(tick / power, step / power)}\u00d710{Superscript(exponent)}";
        }
        var (unit, suffix) = exponent switch
        {
            >= 12 => (1e12, "T"),
            >= 9 => (1e9, "B"),
            >= 6 => (1e6, "M"),
            >= 4 => (1e3, "k"),
            _ => (1, ""),
        };
        return Fixed(tick / unit, step / unit) + suffix;
    }

    /// <summary>An exponent in raised digits.</summary>
    public static string Superscript(int exponent) =>
        string.Concat(exponent.ToString().Select(letter => letter == '-' ? '\u207b' : RaisedDigits[letter - '0']));

    static string Fixed(double value, double step)
    {
        var decimals = Math.Clamp((int)Math.Ceiling(-Math.Log10(step) - 1e-9), 0, 9);
        return value.ToString($"F{decimals}").Replace('-', '\u2212');
    }
}
