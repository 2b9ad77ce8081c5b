namespace Electra.Reporting;

/// <summary>One line of a run's log: the figures of one step.</summary>
/// <param name="Step">The optimizer step after which they were taken.</param>
/// <param name="Kind"><see cref="Train"/> or <see cref="Evaluation"/>.</param>
/// <param name="Values">Figures by name, in the order in which they are written; a figure that is no finite number reads back as
/// NaN.</param>
public sealed record MetricsEntry(long Step, string Kind, IReadOnlyDictionary<string, double> Values)
{
    /// <summary>Figures of the training batches since the last line.</summary>
    public const string Train = "train";

    /// <summary>Figures on held-out text.</summary>
    public const string Evaluation = "evaluation";
}
