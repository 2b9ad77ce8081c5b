using Electra.Objectives;

namespace Electra.Pretraining;

/// <summary>Watches for the two ways a run goes wrong: numbers that are not finite, and a network that learns nothing.</summary>
/// <param name="sign">How the latter shows; null does not watch for it.</param>
/// <param name="remedy">What to begin another run with where numbers are not finite.</param>
public sealed class TrainingHealth(
    StagnationSign? sign = null, string remedy = "a lower learning rate or a longer warm-up; --from takes the networks of a checkpoint of this one")
{
    const int MaxSkippedInARow = 10, MaxPoorEvaluations = 4;

    int _skippedInARow, _poorEvaluations;

    /// <summary>Judges a step's numbers before the update.</summary>
    /// <param name="numTargets">Tokens of the batch that the loss counts.</param>
    /// <returns>Null if the update may be made, else why it is left out.</returns>
    /// <exception cref="ArithmeticException">Ten steps in a row could not be used.</exception>
    public string? FindFault(long step, double loss, double gradientNorm, long numTargets)
    {
        if (double.IsFinite(loss) && double.IsFinite(gradientNorm))
        {
            _skippedInARow = 0;
            return null;
        }
        var (cause, wayOut) = numTargets > 0
            ? ($"loss {loss}, gradient norm {gradientNorm}", remedy)
            : ("no token of the batch was masked", "larger batches or objective.masking.whole_words=false: no word of these rows fits the share of masked tokens");
        var fault = $"Step {step:N0}: {cause}; the update is left out.";
        return ++_skippedInARow < MaxSkippedInARow ? fault
            : throw new ArithmeticException($"{fault} That is the tenth in a row: the run stops. Begin another with {wayOut}.");
    }

    /// <summary>Judges a held-out evaluation.</summary>
    /// <returns>A warning if its loss is no number, or after four poor ones in a row; else null.</returns>
    public string? FindStagnation(long step, IReadOnlyDictionary<string, double> heldOut)
    {
        if (!double.IsFinite(heldOut["loss"])) return $"Step {step:N0}: the held-out loss is {heldOut["loss"]}: the weights are of no use. A lower schedule.peak may help.";
        if (sign is null) return null;
        var value = heldOut[sign.Metric];
        _poorEvaluations = value < sign.Poor ? _poorEvaluations + 1 : 0;
        return _poorEvaluations >= MaxPoorEvaluations
            ? $"Step {step:N0}: the held-out {sign.Metric} stayed below {sign.Poor} in {_poorEvaluations} evaluations in a row ({value:F3}): {sign.Meaning}."
            : null;
    }
}
