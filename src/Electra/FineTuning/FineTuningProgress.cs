namespace Electra.FineTuning;

/// <summary>What a run tells while it goes on.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="TotalSteps">Steps of the whole run.</param>
/// <param name="Metrics">Figures, where this step is logged or evaluated.</param>
/// <param name="IsEvaluation">True if the figures are of the dev set.</param>
/// <param name="Message">A warning or a note, or null.</param>
public sealed record FineTuningProgress(
    long Step, long TotalSteps, IReadOnlyDictionary<string, double>? Metrics = null, bool IsEvaluation = false, string? Message = null);
