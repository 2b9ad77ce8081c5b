using Electra.Numerics;

namespace Electra.Cli;

/// <summary>The precision of commands that apply a model to much text.</summary>
static class InferencePrecision
{
    /// <summary>The machine's, after a line on standard error where its processor could do more than it is let.</summary>
    public static Precision Choose()
    {
        if (BFloat16Product.WarningOf(Hardware.TrainingPrecision) is { } warning) Console.Error.WriteLine($"electra: {warning}");
        return Hardware.TrainingPrecision;
    }
}
