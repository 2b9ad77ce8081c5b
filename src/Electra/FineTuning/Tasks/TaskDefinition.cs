using Electra.Training;

namespace Electra.FineTuning.Tasks;

/// <summary>
/// A task as its file declares it: what is asked, where the examples lie and how they are judged. A recipe names a task; the data folder
/// is an argument.
/// </summary>
/// <param name="Name">Its name, for reports.</param>
/// <param name="Kind">What is asked.</param>
/// <param name="Format">How its files are read.</param>
/// <param name="Splits">Sets by name: <c>train</c>, <c>dev</c> or several <c>dev_NAME</c>, <c>test</c> or several <c>test_NAME</c>.</param>
/// <param name="Metrics">Names of <see cref="TaskMetrics"/>, the first one the main one unless <paramref name="MainMetric"/> says so.</param>
/// <param name="Columns">Where in a row the parts of an example stand; SQuAD JSON needs none.</param>
/// <param name="Labels">Classes in the order of their numbers, as they stand in the files; null: read from the training set, in ordinal
/// order.</param>
/// <param name="LabelRange">Regression: smallest and largest label.</param>
/// <param name="LabelSeparator">Multi-label: what stands between the labels of a text column.</param>
/// <param name="MainMetric">What the best checkpoint is chosen by.</param>
/// <param name="IsSymmetric">Whether a pair means the same with its texts exchanged; training sees both orders (MRPC and STS-B in the
/// paper's code).</param>
/// <param name="Tagging">How tags are written and learnt.</param>
/// <param name="Windows">How long texts are divided; null: they are cut off, and question answering has the defaults.</param>
public sealed record TaskDefinition(
    string Name,
    TaskKind Kind,
    TaskFormat Format,
    IReadOnlyDictionary<string, TaskSplit> Splits,
    IReadOnlyList<string> Metrics,
    TaskColumns? Columns = null,
    IReadOnlyList<string>? Labels = null,
    TaskLabelRange? LabelRange = null,
    string LabelSeparator = ",",
    string? MainMetric = null,
    bool IsSymmetric = false,
    TaskTagging? Tagging = null,
    TaskWindows? Windows = null)
{
    /// <summary>Name of the set that is learnt from.</summary>
    public const string Train = "train";

    /// <summary>The metric that the best checkpoint is chosen by.</summary>
    public string ChosenMetric => MainMetric ?? Metrics[0];

    /// <summary>Sets to choose and judge by, in the file's order.</summary>
    public IEnumerable<string> DevSplits => Splits.Keys.Where(name => IsSplitOf("dev", name));

    /// <summary>Sets to predict, in the file's order.</summary>
    public IEnumerable<string> TestSplits => Splits.Keys.Where(name => IsSplitOf("test", name));

    /// <summary>True if an example has two texts.</summary>
    public bool IsPair => Kind == TaskKind.PairClassification || Columns?.SecondText is not null;

    /// <summary>A column of 0 and 1 for each label; null where labels are read from one column.</summary>
    internal IReadOnlyList<TaskColumn>? LabelColumns => (Splits.GetValueOrDefault(Train)?.Columns ?? Columns)?.Labels;

    /// <summary>Reads a task file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="overrides">Each <c>key=value</c>, such as <c>columns.label=3</c> or <c>splits.dev.file=dev.tsv</c>.</param>
    /// <exception cref="InvalidDataException">The file is no valid task.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static TaskDefinition Load(string path, IEnumerable<string>? overrides = null)
    {
        const string option = "--set-task";
        List<string> changes = [.. overrides ?? []];
        var task = RecipeFile.Load(path, TaskJson.Default.TaskDefinition, changes, option);
        task.Check(RecipeFile.NameOf(path, changes, option));
        return task;
    }

    /// <summary>The set of that name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public TaskSplit Split(string name) => Splits.TryGetValue(name, out var split)
        ? split
        : throw new ArgumentException($"The task {Name} has no set '{name}'; it has {string.Join(", ", Splits.Keys)}.");

    /// <summary>Refuses impossible values, all of them in one message.</summary>
    /// <param name="name">The task file's name, for the message.</param>
    /// <exception cref="InvalidDataException">Something cannot be.</exception>
    public void Check(string name)
    {
        var problems = TaskDefinitionProblems.Of(this).ToList();
        if (problems.Count > 0) throw new InvalidDataException($"{name}: {string.Join("; ", problems)}.");
    }

    internal static bool IsSplitOf(string family, string name) =>
        name == family || name.StartsWith($"{family}_", StringComparison.Ordinal);
}
