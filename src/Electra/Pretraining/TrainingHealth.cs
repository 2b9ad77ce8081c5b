namespace Electra.Pretraining;

/// <summary>Watches for the two ways a run goes wrong: numbers that are not finite, and a discriminator that learns nothing.</summary>
public sealed class TrainingHealth
{
    const int MaxSkippedInARow = 10, MaxPoorEvaluations = 4;
    const double PoorAuc = 0.52;

    int _skippedInARow, _poorEvaluations;

    /// <summary>Judges a step's numbers before the update.</summary>
    /// <returns>Null if the update may be made, else why it is left out.</returns>
    /// <exception cref="ArithmeticException">Ten steps in a row could not be used.</exception>
    public string? FindFault(long step, double loss, double gradientNorm)
    {
        if (double.IsFinite(loss) && double.IsFinite(gradientNorm))
        {
            _skippedInARow = 0;
            return null;
        }
        var fault = $"Step {step:N0}: loss {loss}, gradient norm {gradientNorm}; the update is left out.";
        if (++_skippedInARow == MaxSkippedInARow)
            throw new ArithmeticException($"{fault} That is the tenth in a row: the run stops. Lower the learning rate or lengthen the warm-up, and resume from the last checkpoint.");
        return fault;
    }

    /// <summary>Judges a held-out evaluation.</summary>
    /// <returns>A warning after four poor ones in a row, else null.</returns>
    public string? FindStagnation(long step, double discriminatorAuc)
    {
        _poorEvaluations = discriminatorAuc < PoorAuc ? _poorEvaluations + 1 : 0;
        return _poorEvaluations >= MaxPoorEvaluations
            ? $"Step {step:N0}: the discriminator's held-out AUC stayed below {PoorAuc} in {_poorEvaluations} evaluations in a row ({discriminatorAuc:F3}): it does not learn to tell replacements."
            : null;
    }
}
