namespace Electra.FineTuning;

/// <summary>What one finished run says: one file, <c>result.json</c>.</summary>
/// <param name="Unit">Its name among the runs of one recipe.</param>
/// <param name="Task">The task's name.</param>
/// <param name="From">Name of the model it began from; null for random weights.</param>
/// <param name="Seed">Of every random number.</param>
/// <param name="LearningRate">The peak.</param>
/// <param name="BatchSize">Examples in one step.</param>
/// <param name="TrainingExamples">Examples learnt from.</param>
/// <param name="Steps">Steps done.</param>
/// <param name="BestStep">Step whose weights were kept.</param>
/// <param name="NumSkipped">Steps left out for numbers that are not finite.</param>
/// <param name="MainMetric">The metric that the best step was chosen by, on the first dev set.</param>
/// <param name="Value">Its value; NaN without a dev set, where it is undefined, or of a run that was given up.</param>
/// <param name="HasFailed">True if the model gives one answer to everything although the labels differ, or the run was given up.</param>
/// <param name="Metrics">All metrics of each labelled set.</param>
/// <param name="Majority">The same metrics of the answer that is most frequent in training.</param>
/// <param name="TrainingSeconds">Time in steps.</param>
/// <param name="TotalSeconds">Time of the run with evaluations, since it was last begun or resumed.</param>
/// <param name="TokensPerSecond">Real tokens trained on, by <paramref name="TrainingSeconds"/>.</param>
/// <param name="NumParameters">Weights, the head's counted.</param>
/// <param name="Machine">Processor, threads, precision and kernels.</param>
/// <param name="Finished">Time of the end.</param>
/// <param name="Failure">Why the run was given up, with what may help; null of one that went to its end.</param>
public sealed record FineTuningResult(
    string Unit,
    string Task,
    string? From,
    ulong Seed,
    double LearningRate,
    int BatchSize,
    int TrainingExamples,
    long Steps,
    long BestStep,
    long NumSkipped,
    string MainMetric,
    double Value,
    bool HasFailed,
    IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> Metrics,
    IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> Majority,
    double TrainingSeconds,
    double TotalSeconds,
    double TokensPerSecond,
    long NumParameters,
    string Machine,
    DateTimeOffset Finished,
    string? Failure = null);
