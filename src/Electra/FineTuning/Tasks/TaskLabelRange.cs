namespace Electra.FineTuning.Tasks;

/// <summary>The range of a regression's labels. The model learns them as 0 to 1; predictions come out in this range.</summary>
public sealed record TaskLabelRange(double Minimum, double Maximum)
{
    /// <summary>A label as the model learns it.</summary>
    public double ToUnit(double value) => (value - Minimum) / (Maximum - Minimum);

    /// <summary>The model's output as a label, cut to the range.</summary>
    public double FromUnit(double unit) => Math.Clamp(Minimum + unit * (Maximum - Minimum), Minimum, Maximum);
}
