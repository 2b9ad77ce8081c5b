namespace Electra.FineTuning.Tasks;

/// <summary>
/// Reads the sets of a task below a data folder. A bad row never ends the reading: it is counted and named in the report, and left out or
/// mended.
/// </summary>
public sealed class TaskReader
{
    /// <summary>More names than any task has: another column than the label's was read.</summary>
    const int MaxLabels = 65_536;

    readonly string _directory;

    TaskReader(TaskDefinition task, string directory, IReadOnlyList<string> labels) => (Task, _directory, Labels) = (task, directory, labels);

    /// <summary>The task.</summary>
    public TaskDefinition Task { get; }

    /// <summary>Names of the classes, labels or tags in the order of their numbers; empty for regression and question answering.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>Prepares to read a task; where its file names no labels, they are read from the training set.</summary>
    /// <param name="task">The task.</param>
    /// <param name="directory">The data folder.</param>
    /// <param name="labels">Labels of a model that was trained on the task; null takes the task's.</param>
    /// <exception cref="FileNotFoundException">The labels are to be read and the training set is missing.</exception>
    /// <exception cref="InvalidDataException">The training set has no labels, or too many.</exception>
    public static TaskReader Open(TaskDefinition task, string directory, IReadOnlyList<string>? labels = null) =>
        new(task, directory, labels ?? ReadLabels(task, directory));

    /// <summary>Reads a set whole.</summary>
    /// <param name="split">The set's name.</param>
    /// <param name="isStrict">True: the first bad row is an error.</param>
    /// <exception cref="InvalidDataException">Nothing is left of the set, or a row is bad and reading is strict.</exception>
    /// <exception cref="FileNotFoundException">The file is missing.</exception>
    public TaskDataset Read(string split, bool isStrict = false)
    {
        var report = new TaskReadingReport(isStrict);
        List<TaskExample> examples = [.. ReadLazily(split, report)];
        if (examples.Count == 0) throw NothingLeft(FileOf(split), report);
        return new TaskDataset(Task, split, Labels, examples, report);
    }

    /// <summary>Reads a set example by example.</summary>
    public IEnumerable<TaskExample> ReadLazily(string split, TaskReadingReport report)
    {
        var definition = Task.Split(split);
        return ReadFile(FileOf(split), definition, report);
    }

    /// <summary>Reads a file that may lie anywhere, laid out as <paramref name="split"/> says.</summary>
    /// <exception cref="FileNotFoundException">The file is missing.</exception>
    public IEnumerable<TaskExample> ReadFile(string path, TaskSplit split, TaskReadingReport report) =>
        ReadStream(TaskLines.Open(path), Path.GetFileName(path), split, report);

    /// <summary>Opens a file for <see cref="ReadRows"/>, decompressed; also one that has .gz or .zst behind its name.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static Stream OpenFile(string path) => TaskLines.Open(path);

    /// <summary>Reads a stream of any length as it comes and closes it: rows that are no examples have their places, ids may repeat.</summary>
    /// <param name="content">Decompressed bytes.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="split">Format and columns.</param>
    /// <param name="report">Counts what is met.</param>
    /// <exception cref="InvalidDataException">The file is not of that kind, or lacks a column.</exception>
    public IEnumerable<InputRow> ReadRows(Stream content, string name, TaskSplit split, TaskReadingReport report)
    {
        _ = report.TakeDropped();
        foreach (var example in TaskExamples.Read(content, name, Task, split, Labels, report, ids: null))
        {
            foreach (var problem in report.TakeDropped()) yield return new InputRow(problem.Source, null, problem.Message);
            if (example is not null) yield return InputRow.Of(example);
        }
        foreach (var problem in report.TakeDropped()) yield return new InputRow(problem.Source, null, problem.Message);
    }

    /// <summary>Reads a stream, laid out as <paramref name="split"/> says, and closes it.</summary>
    /// <param name="content">Decompressed bytes.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="split">Format, columns and whether there are labels; its file does not matter.</param>
    /// <param name="report">Counts what is met.</param>
    /// <exception cref="InvalidDataException">The file is not of that kind, or lacks a column.</exception>
    public IEnumerable<TaskExample> ReadStream(Stream content, string name, TaskSplit split, TaskReadingReport report)
    {
        var examples = TaskExamples.Read(content, name, Task, split, Labels, report, ids: new HashSet<string>(StringComparer.Ordinal)).OfType<TaskExample>();
        return split.MaxExamples > 0 ? examples.Take(split.MaxExamples) : examples;
    }

    string FileOf(string split) => Path.Combine(_directory, Task.Split(split).File);

    static IReadOnlyList<string> ReadLabels(TaskDefinition task, string directory)
    {
        if (task.Kind is TaskKind.Regression or TaskKind.QuestionAnswering) return [];
        if (task.Labels is { } labels) return labels;
        if (task.LabelColumns is { } columns) return [.. columns.Select(column => column.Name!)]; // a task whose label columns have places names its labels

        var split = task.Split(TaskDefinition.Train);
        var path = Path.Combine(directory, split.File);
        var report = new TaskReadingReport();
        var found = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var label in TaskExamples.ReadLabels(TaskLines.Open(path), Path.GetFileName(path), task, split, report))
            if (found.Add(label) && found.Count > MaxLabels)
                throw new InvalidDataException($"{path}: more than {MaxLabels:N0} different labels; is the label's column right?");
        if (found.Count == 0) throw NothingLeft(path, report);
        return [.. found];
    }

    static InvalidDataException NothingLeft(string path, TaskReadingReport report) => new(report.NumRows == 0
        ? $"{path}: no rows; the file is empty."
        : $"{path}: none of {report.NumRows:N0} rows can be used. {report.Problems.FirstOrDefault()}");
}
