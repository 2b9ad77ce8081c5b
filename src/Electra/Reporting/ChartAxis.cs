namespace Electra.Reporting;

/// <summary>One axis of a chart: values to places on the paper, with its ticks.</summary>
sealed class ChartAxis
{
    readonly double _min, _max, _start, _end;
    readonly bool _isLog;

    /// <param name="min">Value at <paramref name="start"/>.</param>
    /// <param name="max">Value at <paramref name="end"/>, above <paramref name="min"/>.</param>
    /// <param name="start">Place of the smallest value, in units of the view box.</param>
    /// <param name="end">Place of the largest value.</param>
    /// <param name="numTicks">About as many ticks.</param>
    /// <param name="isLog">Whether equal ratios take equal space; then both values are positive.</param>
    public ChartAxis(double min, double max, double start, double end, int numTicks, bool isLog = false)
    {
        (_min, _max, _start, _end, _isLog) = (min, max, start, end, isLog);
        var step = AxisTicks.Step(min, max, numTicks);
        var largest = Math.Max(Math.Abs(min), Math.Abs(max));
        Ticks = isLog
            ? [.. AxisTicks.Logarithmic(min, max).Select(tick => (Place(tick), AxisTicks.Format(tick, tick, tick)))]
            : [.. AxisTicks.Linear(min, max, numTicks).Select(tick => (Place(tick), AxisTicks.Format(tick, step, largest)))];
    }

    public double Min => _min;

    public double Max => _max;

    public bool IsLog => _isLog;

    /// <summary>Place and text of each tick.</summary>
    public IReadOnlyList<(double Place, string Text)> Ticks { get; }

    /// <summary>The place of a value, in units of the view box.</summary>
    public double Place(double value) => _start + (_end - _start) * (_isLog
        ? (Math.Log(value) - Math.Log(_min)) / (Math.Log(_max) - Math.Log(_min))
        : (value - _min) / (_max - _min));

    /// <summary>Bounds moved out to the next ticks; a range of nothing is opened around its value.</summary>
    public static (double Min, double Max) RoundOut(double min, double max, int numTicks)
    {
        if (max - min <= 1e-9 * Math.Max(Math.Abs(min), Math.Abs(max)))
        {
            var margin = min == 0 ? 1 : 0.02 * Math.Abs(min);
            (min, max) = (min - margin, max + margin);
        }
        var step = AxisTicks.Step(min, max, numTicks);
        return (Math.Floor(min / step + 1e-9) * step, Math.Ceiling(max / step - 1e-9) * step);
    }
}
