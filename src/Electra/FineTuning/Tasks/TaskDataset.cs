namespace Electra.FineTuning.Tasks;

/// <summary>A set of examples in memory.</summary>
/// <param name="Task">The task.</param>
/// <param name="Split">The set's name.</param>
/// <param name="Labels">Names of the classes or tags in the order of their numbers; empty for regression and question answering.</param>
/// <param name="Examples">The examples in the file's order.</param>
/// <param name="Report">What was met while reading.</param>
public sealed record TaskDataset(
    TaskDefinition Task, string Split, IReadOnlyList<string> Labels, IReadOnlyList<TaskExample> Examples, TaskReadingReport Report);
