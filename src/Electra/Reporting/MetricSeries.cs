namespace Electra.Reporting;

/// <summary>One figure over a run.</summary>
/// <param name="Kind">The kind of the log's lines, <see cref="MetricsEntry.Train"/> or <see cref="MetricsEntry.Evaluation"/>.</param>
/// <param name="Name">The figure's name.</param>
/// <param name="Steps">Steps at which it was logged, rising.</param>
/// <param name="Values">Its values; NaN where it was no finite number.</param>
public sealed record MetricSeries(string Kind, string Name, IReadOnlyList<double> Steps, IReadOnlyList<double> Values)
{
    /// <summary>The last value that is a number; NaN without one.</summary>
    public double Last => Values.LastOrDefault(double.IsFinite, double.NaN);

    /// <summary>
    /// The value at <paramref name="step"/>, linear between logged steps and continued evenly beyond them; NaN without values.
    /// </summary>
    public double At(double step)
    {
        if (Steps.Count == 0) return double.NaN;
        if (Steps.Count == 1) return Steps[0] > 0 ? Values[0] * step / Steps[0] : Values[0];
        var above = 1;
        int low = 1, high = Steps.Count - 1;
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (Steps[middle] >= step) (above, high) = (middle, middle - 1);
            else (above, low) = (Math.Min(middle + 1, Steps.Count - 1), middle + 1);
        }
        double left = Steps[above - 1], right = Steps[above];
        return right == left ? Values[above] : Values[above - 1] + (step - left) / (right - left) * (Values[above] - Values[above - 1]);
    }
}
