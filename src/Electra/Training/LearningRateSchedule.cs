namespace Electra.Training;

/// <summary>How warm-up and decay meet.</summary>
public enum WarmupRule
{
    /// <summary>The ramp multiplies the decay, both from step 0 (ELECTRA): the peak is reached at Peak x (1 - warmup / total).</summary>
    Multiplied,
    /// <summary>The ramp stands in for the decay until it ends (BERT): then the decay is where it would have been.</summary>
    Replacing,
    /// <summary>The decay begins where the ramp ends (RoBERTa, in fairseq): the peak is reached.</summary>
    Before,
}

/// <summary>The learning rate as a pure function of the step: linear warm-up and polynomial decay to zero.</summary>
/// <param name="Peak">The highest rate.</param>
/// <param name="WarmupSteps">Steps of the ramp.</param>
/// <param name="DecayPower">1 is linear.</param>
/// <param name="Warmup">How warm-up and decay meet.</param>
public sealed record LearningRateSchedule(double Peak = 5e-4, long WarmupSteps = 10_000, double DecayPower = 1, WarmupRule Warmup = WarmupRule.Multiplied)
{
    /// <summary>The rate of a step, from 0.</summary>
    /// <param name="step">The step; between two where a schedule is stretched.</param>
    /// <param name="totalSteps">Where the decay reaches zero.</param>
    public double At(double step, long totalSteps)
    {
        var ramp = WarmupSteps == 0 ? 1 : Math.Min(1, step / WarmupSteps);
        return Warmup switch
        {
            WarmupRule.Multiplied => Peak * Decay(step, totalSteps) * ramp,
            WarmupRule.Replacing => step < WarmupSteps ? Peak * ramp : Peak * Decay(step, totalSteps),
            _ => step < WarmupSteps ? Peak * ramp : Peak * Decay(step - WarmupSteps, totalSteps - WarmupSteps),
        };
    }

    /// <summary>Every impossible value, one message each.</summary>
    public IEnumerable<string> Problems()
    {
        if (!(Peak > 0 && double.IsFinite(Peak))) yield return $"peak is {Peak}, it must be positive";
        if (WarmupSteps < 0) yield return $"warmup_steps is {WarmupSteps}, it must not be negative";
        if (!(DecayPower >= 0 && double.IsFinite(DecayPower))) yield return $"decay_power is {DecayPower}, it must not be negative";
    }

    double Decay(double step, long totalSteps) => Math.Pow(Math.Max(0, 1 - step / Math.Max(1, totalSteps)), DecayPower);
}
