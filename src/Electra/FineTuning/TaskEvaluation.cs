using Electra.FineTuning.Tasks;

namespace Electra.FineTuning;

/// <summary>A fine-tuned model on labelled sets.</summary>
public static class TaskEvaluation
{
    /// <summary>The sets that a model is judged on, encoded for it.</summary>
    /// <param name="model">The model.</param>
    /// <param name="data">The folder of the task's files, or one file laid out as the task's first dev set, of which all is taken.</param>
    /// <param name="split">A set's name; null takes all dev sets.</param>
    /// <param name="warn">Told of what was wrong with rows.</param>
    /// <exception cref="InvalidDataException">Nothing can be used of a set.</exception>
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
    public static IReadOnlyList<TaskSet> Open(TaskModel model, string data, string? split, Action<string> warn)
    {
        var encoder = new TaskEncoder(model.Task, model.Labels, model.Tokenizer, model.Settings.MaxLength);
        var names = split is null ? model.Task.DevSplits.ToList() : [split];
        if (names.Count == 0) throw new InvalidDataException($"The task {model.Task.Name} names no dev set; say which set with --split.");
        if (!File.Exists(data)) return [.. names.Select(name => TaskSet.Load(TaskReader.Open(model.Task, data, model.Labels), name, encoder, warn))];

        var name = names[0];
        var whole = model.Task.Split(name) with { File = Path.GetFileName(data), HasLabels = true, MaxExamples = 0, Articles = null };
        var moved = model.Task with { Splits = new Dictionary<string, TaskSplit> { [name] = whole } };
        return [TaskSet.Load(TaskReader.Open(moved, Path.GetDirectoryName(Path.GetFullPath(data))!, model.Labels), name, encoder, warn)];
    }

    /// <summary>What the model says of each example.</summary>
    public static IReadOnlyList<TaskPrediction> Predict(TaskModel model, TaskSet set, CancellationToken cancellation = default) =>
        set.Predict(new RowScorer(model.Network, model.Objective, model.Location ?? "the model"), cancellation);

    /// <summary>The task's metrics.</summary>
    public static IReadOnlyDictionary<string, double> Judge(TaskModel model, TaskSet set, IReadOnlyList<TaskPrediction> predictions) =>
        TaskMetrics.Of(set.Dataset, predictions, model.Settings.NoAnswerThreshold);

    /// <summary>The test sets whose files are there and for which a benchmark's server takes predictions.</summary>
    public static IReadOnlyList<TaskSet> OpenSubmissions(TaskModel model, string data, Action<string> warn)
    {
        var encoder = new TaskEncoder(model.Task, model.Labels, model.Tokenizer, model.Settings.MaxLength);
        var reader = TaskReader.Open(model.Task, data, model.Labels);
        return [.. model.Task.TestSplits.Where(name => model.Task.Split(name) is { Submission: not null } split && TaskLines.Find(Path.Combine(data, split.File)) is not null)
            .Select(name => TaskSet.Load(reader, name, encoder, warn))];
    }

    /// <summary>Writes predictions as JSONL and in the forms that official scripts read.</summary>
    public static void WritePredictions(TaskModel model, string directory, TaskSet set, IReadOnlyList<TaskPrediction> predictions) =>
        PredictionFiles.Write(directory, set, predictions, model.Settings.NoAnswerThreshold);

    /// <summary>Writes what a benchmark's server takes of one of <see cref="OpenSubmissions"/>, and packs it with what other tasks have left in the directory.</summary>
    public static void WriteSubmission(string directory, TaskSet set, IReadOnlyList<TaskPrediction> predictions) =>
        SubmissionFile.Write(directory, set.Dataset.Task, set.Name, set.Dataset.Labels, predictions);

    /// <summary>Whether two models differ on one set; predictions that their runs have stored are taken where nothing has changed since.</summary>
    /// <exception cref="InvalidDataException">They answer other questions, or their tasks read other examples.</exception>
    public static TaskComparison Compare(TaskModel first, TaskModel second, string data, string? split, Action<string> warn)
    {
        if (first.Task.Kind != second.Task.Kind || !first.Labels.SequenceEqual(second.Labels))
            throw new InvalidDataException($"The models answer other questions: {first.Task.Name} ({first.Labels.Count} labels) and {second.Task.Name} ({second.Labels.Count} labels).");
        var (one, other) = (Open(first, data, split, warn)[0], Open(second, data, split, _ => { })[0]);
        CheckSame(one.Dataset, other.Dataset);
        return TaskComparison.Of(one.Dataset, StoredOrNew(first, one, warn), StoredOrNew(second, other, warn), (first.Settings.NoAnswerThreshold, second.Settings.NoAnswerThreshold));
    }

    static void CheckSame(TaskDataset first, TaskDataset second)
    {
        string[] ids = [.. first.Examples.Select(example => example.Id)], others = [.. second.Examples.Select(example => example.Id)];
        if (ids.SequenceEqual(others)) return;
        var place = ids.Zip(others).TakeWhile(pair => pair.First == pair.Second).Count();
        var difference = ids.Length != others.Length
            ? $"{ids.Length:N0} examples of {first.Split} for the first, {others.Length:N0} of {second.Split} for the second"
            : $"example {place:N0} is '{ids[place]}' for the first and '{others[place]}' for the second";
        throw new InvalidDataException($"The models are judged on different examples: {difference}. Name one labelled file that both read whole: --data FILE.");
    }

    static IReadOnlyList<TaskPrediction> StoredOrNew(TaskModel model, TaskSet set, Action<string> note)
    {
        if (model.Location is null || StoredPredictions.Find(model.Location, set) is not { } stored) return Predict(model, set);
        note($"predictions of {set.Name} are those stored in {StoredPredictions.FolderOf(model.Location)}");
        return stored;
    }
}
