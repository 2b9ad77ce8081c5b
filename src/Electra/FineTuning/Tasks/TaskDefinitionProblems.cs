namespace Electra.FineTuning.Tasks;

/// <summary>What cannot be in a task, one message each.</summary>
static class TaskDefinitionProblems
{
    public static IEnumerable<string> Of(TaskDefinition task) =>
    [
        .. Splits(task), .. Columns(task).Distinct(), .. Labels(task), .. Metrics(task), .. task.Format.Problems("format"), .. task.Windows?.Problems() ?? [],
    ];

    static IEnumerable<string> Splits(TaskDefinition task)
    {
        if (task.Splits.Count == 0) yield return "splits is empty, a task needs a set";
        foreach (var (name, split) in task.Splits)
        {
            if (name != TaskDefinition.Train && !TaskDefinition.IsSplitOf("dev", name) && !TaskDefinition.IsSplitOf("test", name))
                yield return $"splits.{name}: a set is called train, dev, dev_NAME, test or test_NAME";
            // Both become names of files below --out, and a task may come with somebody else's model.
            if (!IsPlainName(name)) yield return $"splits.{name}: a set's name becomes a file's and holds letters, digits, dots, dashes and underscores";
            if (split.Submission is { } submission && !IsPlainName(submission))
                yield return $"splits.{name}.submission is '{submission}', but a plain file name is expected, such as SST-2.tsv";
            if (name == TaskDefinition.Train && !split.HasLabels) yield return "splits.train.has_labels is false, but there is nothing to learn without labels";
            foreach (var problem in split.Problems($"splits.{name}")) yield return problem;
            var type = (split.Format ?? task.Format).Type;
            if (!Suits(type, task.Kind)) yield return $"splits.{name}: files of type {Word(type)} do not hold a task of kind {Word(task.Kind)}";
            if (type == TaskFileType.Lines && split.HasLabels) yield return $"splits.{name}: files of type lines have no labels; set has_labels to false";
            if (split.Articles is not null && type != TaskFileType.Squad) yield return $"splits.{name}.articles is set, but only SQuAD JSON has articles";
        }
    }

    static bool IsPlainName(string name) => name.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '-' or '_') && name.Any(char.IsAsciiLetterOrDigit);

    static bool Suits(TaskFileType type, TaskKind kind) => type switch
    {
        TaskFileType.Squad => kind == TaskKind.QuestionAnswering,
        TaskFileType.Conll => kind == TaskKind.Tagging,
        _ => true,
    };

    static IEnumerable<string> Columns(TaskDefinition task)
    {
        foreach (var (name, split) in task.Splits)
        {
            var type = (split.Format ?? task.Format).Type;
            if (type == TaskFileType.Lines && split.Columns is null) continue;
            var columns = split.Columns ?? task.Columns ?? new TaskColumns();
            var place = split.Columns is null ? "columns" : $"splits.{name}.columns";
            string[] used = KeysOf(type, task.Kind);
            foreach (var key in columns.Keys.Except(used))
                yield return $"{place}.{key} has no meaning in {Word(task.Kind)} of {Word(type)} files, which {(used.Length == 0 ? "takes no columns" : $"takes {string.Join(", ", used)}")}";
            foreach (var problem in LabelColumns(task, columns, place)) yield return problem;
            if (type is TaskFileType.Squad or TaskFileType.Conll or TaskFileType.Lines) continue;
            foreach (var (column, isNeeded) in Needed(columns, task.Kind, split.HasLabels))
                if (isNeeded) yield return $"{place}.{column} is missing, {Word(task.Kind)} needs it (set {name})";
        }
    }

    /// <summary>The keys of columns that files of a type and examples of a kind have.</summary>
    static string[] KeysOf(TaskFileType type, TaskKind kind) => (type, kind) switch
    {
        (TaskFileType.Squad or TaskFileType.Lines, _) => [],
        (TaskFileType.Conll, _) => ["words", "tags"],
        (_, TaskKind.Tagging) => ["words", "tags", "id"],
        (_, TaskKind.QuestionAnswering) => ["question", "context", "answer", "answer_start", "id"],
        (_, TaskKind.MultiLabel) => ["text", "second_text", "label", "labels", "id"],
        _ => ["text", "second_text", "label", "id"],
    };

    static IEnumerable<string> LabelColumns(TaskDefinition task, TaskColumns columns, string place)
    {
        if (columns.Labels is not { } labels || task.Kind != TaskKind.MultiLabel) yield break;
        if (columns.Label is not null) yield return $"{place}.label and {place}.labels exclude each other";
        if (labels.Count == 0) yield return $"{place}.labels is empty, it needs a column for each label";
        if (task.Labels is { } names && names.Count != labels.Count) yield return $"{place}.labels has {labels.Count} columns, labels has {names.Count} names; one column a label is needed";
        if (task.LabelColumns is { } first && first.Count != labels.Count) yield return $"{place}.labels has {labels.Count} columns, the training set's has {first.Count}";
        if (task.Labels is null && labels.Any(column => column.Name is null)) yield return $"labels is missing: {place}.labels gives places, which have no names";
        if (labels.Distinct().Count() < labels.Count) yield return $"{place}.labels has a column twice";
    }

    static IEnumerable<(string Name, bool IsMissing)> Needed(TaskColumns columns, TaskKind kind, bool hasLabels)
    {
        if (kind == TaskKind.Tagging)
            return [("words", columns.Words is null), ("tags", hasLabels && columns.Tags is null)];
        if (kind == TaskKind.QuestionAnswering)
            return [("question", columns.Question is null), ("context", columns.Context is null), ("answer", hasLabels && columns.Answer is null)];
        return
        [
            ("text", columns.Text is null), ("second_text", kind == TaskKind.PairClassification && columns.SecondText is null),
            ("label", hasLabels && columns.Label is null && (kind != TaskKind.MultiLabel || columns.Labels is null)),
        ];
    }

    static IEnumerable<string> Labels(TaskDefinition task)
    {
        if (task.Labels is { } labels)
        {
            if (task.Kind is TaskKind.Regression or TaskKind.QuestionAnswering) yield return $"labels is set, but {Word(task.Kind)} has none";
            if (labels.Count < (task.Kind == TaskKind.MultiLabel ? 1 : 2)) yield return $"labels has {labels.Count} names, there is nothing to tell apart";
            if (labels.Distinct(StringComparer.Ordinal).Count() < labels.Count) yield return "labels has a name twice";
        }
        else if (task.Kind is not (TaskKind.Regression or TaskKind.QuestionAnswering) && !task.Splits.ContainsKey(TaskDefinition.Train))
        {
            yield return "labels is missing, and there is no set 'train' to read them from";
        }
        if (task.LabelRange is { } range && task.Kind != TaskKind.Regression) yield return "label_range is set, but only a regression has one";
        if (task.LabelRange is { } bounds && !(bounds.Minimum < bounds.Maximum)) yield return $"label_range is {bounds.Minimum} to {bounds.Maximum}, it must rise";
        if (task.LabelSeparator.Length == 0) yield return "label_separator is empty";
        if (task.Tagging is not null && task.Kind != TaskKind.Tagging) yield return "tagging is set, but the task is of another kind";
        if (task.IsSymmetric && !task.IsPair) yield return "is_symmetric is set, but the task has no pairs";
    }

    static IEnumerable<string> Metrics(TaskDefinition task)
    {
        var known = TaskMetrics.NamesOf(task.Kind);
        if (task.Metrics.Count == 0) yield return $"metrics is empty; of {Word(task.Kind)} there are {string.Join(", ", known)}";
        foreach (var metric in task.Metrics)
            if (!known.Contains(metric)) yield return $"metrics has '{metric}'; of {Word(task.Kind)} there are {string.Join(", ", known)}";
        if (task.Labels is { Count: > 2 } && task.Kind is TaskKind.Classification or TaskKind.PairClassification)
            foreach (var metric in task.Metrics.Where(TaskMetrics.IsOfSecondClass))
                yield return $"metrics has '{metric}', which is about the second of two classes, but there are {task.Labels!.Count}; use macro_f1";
        if (task.MainMetric is { } main && !task.Metrics.Contains(main)) yield return $"main_metric is '{main}', which is not among metrics";
    }

    static string Word<T>(T value) where T : struct, Enum => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}
