namespace Electra.Reporting;

/// <summary>Figures and text as people read them, safe to stand in HTML and SVG.</summary>
static class FigureText
{
    /// <summary>
    /// Four significant digits: 0.5673, 12.34, 54,321, 1.235 M beyond a million, powers of ten at the far ends; a dash for NaN.
    /// </summary>
    public static string Number(double value)
    {
        var size = Math.Abs(value);
        return value switch
        {
            double.NaN => "\u2013",
            double.PositiveInfinity => "\u221e",
            double.NegativeInfinity => "\u2212\u221e",
            0 => "0",
            _ when size is >= 1e15 or < 1e-3 => Scientific(value),
            _ when size >= 1e12 => $"{FourDigits(value / 1e12)} T",
            _ when size >= 1e9 => $"{FourDigits(value / 1e9)} B",
            _ when size >= 1e6 => $"{FourDigits(value / 1e6)} M",
            _ when value == Math.Round(value) || size >= 1000 => Signed(value, "N0"),
            _ => FourDigits(value),
        };
    }

    /// <summary>A length of time in its two largest units: 45 s, 12 min 30 s, 3 h 5 min, 2 d 4 h.</summary>
    public static string Duration(double seconds)
    {
        if (!double.IsFinite(seconds)) return Number(double.NaN);
        var time = TimeSpan.FromSeconds(Math.Round(seconds));
        return time switch
        {
            { TotalMinutes: < 1 } => $"{time.Seconds} s",
            { TotalHours: < 1 } => $"{time.Minutes} min {time.Seconds} s",
            { TotalDays: < 1 } => $"{time.Hours} h {time.Minutes} min",
            _ => $"{(int)time.TotalDays} d {time.Hours} h",
        };
    }

    /// <summary>Escapes what HTML and SVG give a meaning, and drops control characters, which XML cannot hold.</summary>
    public static string Escape(string text) =>
        System.Net.WebUtility.HtmlEncode(string.Concat(text.Where(letter => !char.IsControl(letter) || letter is '\n' or '\t')));

    static string Scientific(double value)
    {
        var exponent = (int)Math.Floor(Math.Log10(Math.Abs(value)));
        var digits = value / Math.Pow(10, exponent);
        if (Math.Abs(digits) >= 9.9995) (digits, exponent) = (digits / 10, exponent + 1);
        return $"{Signed(digits, "0.###")}\u00d710{AxisTicks.Superscript(exponent)}";
    }

    static string FourDigits(double value) => Signed(value, $"F{Math.Clamp(3 - (int)Math.Floor(Math.Log10(Math.Abs(value))), 0, 4)}");

    static string Signed(double value, string format) => value.ToString(format).Replace('-', '\u2212');
}
