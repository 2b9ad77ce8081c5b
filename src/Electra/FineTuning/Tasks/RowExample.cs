using System.Globalization;
using Electra.Evaluation;

namespace Electra.FineTuning.Tasks;

/// <summary>Makes an example of a row, or reports why it is none.</summary>
sealed class RowExample
{
    readonly TaskDefinition _task;
    readonly bool _hasLabels;
    readonly IReadOnlyList<string> _labels;
    readonly Dictionary<string, int> _numbers;
    readonly TaskReadingReport _report;

    public RowExample(TaskDefinition task, TaskSplit split, IReadOnlyList<string> labels, TaskReadingReport report)
    {
        (_task, _labels, _report, _hasLabels) = (task, labels, report, split.HasLabels);
        _numbers = labels.Select((label, index) => (label, index)).ToDictionary(pair => pair.label, pair => pair.index, StringComparer.Ordinal);
        Columns = ColumnsOf(task, split);
    }

    /// <summary>Where the parts stand.</summary>
    public TaskColumns Columns { get; }

    /// <summary>The example, or null if the row is to be left out.</summary>
    public TaskExample? Of(ITaskRow row) => _task.Kind switch
    {
        TaskKind.Tagging => TaggedOf(row),
        TaskKind.QuestionAnswering => QuestionOf(row),
        _ => TextOf(row),
    };

    /// <summary>The id that the row has for itself; null where there is none.</summary>
    public string? GivenId(ITaskRow row) => Columns.Id is { } column && row.Text(column) is { Length: > 0 } id ? id : null;

    /// <summary>A list column, or the words of a text column.</summary>
    public static IReadOnlyList<string>? Words(ITaskRow row, TaskColumn column) =>
        row.List(column) ?? row.Text(column)?.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The labels as they stand in the row's one column of them; null where a multi-label row lacks it.</summary>
    public static IReadOnlyList<string>? LabelsOf(ITaskRow row, TaskColumns columns, TaskDefinition task)
    {
        if (columns.Label is not { } column) return [];
        if (task.Kind == TaskKind.MultiLabel)
            return row.List(column) ?? row.Text(column)?.Split(task.LabelSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return row.Text(column) is { Length: > 0 } label ? [label.Trim()] : [];
    }

    /// <summary>Where the parts stand in the rows of a set; in CoNLL the word comes first and the tag last unless the task says otherwise.</summary>
    public static TaskColumns ColumnsOf(TaskDefinition task, TaskSplit split)
    {
        var type = (split.Format ?? task.Format).Type;
        if (type == TaskFileType.Lines) return LineColumns(task);
        var columns = split.Columns ?? task.Columns ?? new TaskColumns();
        return type == TaskFileType.Conll ? columns with { Words = columns.Words ?? 0, Tags = columns.Tags ?? -1 } : columns;
    }

    static TaskColumns LineColumns(TaskDefinition task) => task.Kind switch
    {
        TaskKind.Tagging => new TaskColumns(Words: PlainLines.First),
        TaskKind.QuestionAnswering => new TaskColumns(Question: PlainLines.First, Context: PlainLines.Second),
        _ => new TaskColumns(PlainLines.First, task.IsPair ? PlainLines.Second : (TaskColumn?)null),
    };

    /// <summary>The row's number from 0 where the file has no ids: bad rows count, so that it is the server's index of the row.</summary>
    string Id(ITaskRow row) => GivenId(row) ?? (_report.NumRows - 1).ToString(CultureInfo.InvariantCulture);

    TextExample? TextOf(ITaskRow row)
    {
        if (TextAt(row, Columns.Text!.Value) is not { } text) return null;
        string? second = null;
        if (Columns.SecondText is { } column && (second = TextAt(row, column)) is null) return null;
        var example = new TextExample(Id(row), row.Source, text, second);
        if (!_hasLabels) return example;

        if (_task.Kind == TaskKind.MultiLabel) return FlagsOf(row) is { } flags ? example with { IsLabelled = flags } : null;
        var name = LabelsOf(row, Columns, _task) is [var first, ..] ? first : "";
        if (_task.Kind == TaskKind.Regression) return ValueOf(name, row) is { } value ? example with { Value = value } : null;
        return ClassOf(name, row) is { } index ? example with { Class = index } : null;
    }

    /// <summary>A text; an empty one is kept only where a prediction is owed for every row.</summary>
    string? TextAt(ITaskRow row, TaskColumn column)
    {
        var text = row.Text(column);
        if (text is null) return Drop(TaskProblemKind.Json, row, $"no text in the field {column}");
        if (!string.IsNullOrWhiteSpace(text)) return text;
        Report(TaskProblemKind.EmptyText, row, $"the text in column {column} is empty", isDropped: _hasLabels);
        return _hasLabels ? null : text;
    }

    int? ClassOf(string label, ITaskRow row)
    {
        if (_numbers.TryGetValue(label, out var index)) return index;
        Drop(TaskProblemKind.UnknownLabel, row, $"'{label}' is no label of {_task.Name}; the labels are {Listed()}");
        return null;
    }

    double? ValueOf(string label, ITaskRow row)
    {
        var range = _task.LabelRange;
        if (double.TryParse(label, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)
            && (range is null || (value >= range.Minimum && value <= range.Maximum))) return value;
        var wanted = range is null ? "a number" : $"a number from {range.Minimum} to {range.Maximum}";
        Drop(TaskProblemKind.UnknownLabel, row, $"'{label}' is not {wanted}");
        return null;
    }

    bool[]? FlagsOf(ITaskRow row)
    {
        if (Columns.Labels is { } columns) return FlagsOf(row, columns);
        if (LabelsOf(row, Columns, _task) is not { } names)
        {
            Drop(TaskProblemKind.Json, row, $"no labels in the field {Columns.Label}; an empty list or text says that there are none");
            return null;
        }
        var flags = new bool[_labels.Count];
        foreach (var name in names)
        {
            if (ClassOf(name, row) is not { } index) return null;
            flags[index] = true;
        }
        return flags;
    }

    bool[]? FlagsOf(ITaskRow row, IReadOnlyList<TaskColumn> columns)
    {
        var flags = new bool[columns.Count];
        for (var label = 0; label < flags.Length; label++)
        {
            var text = row.Text(columns[label]);
            // Tables that once had gaps hold 0 and 1 as 0.0 and 1.0.
            bool? flag = text?.Trim().ToLowerInvariant() switch { "1" or "1.0" or "true" => true, "0" or "0.0" or "false" => false, _ => null };
            if (flag is null)
            {
                Drop(TaskProblemKind.UnknownLabel, row, text is null ? $"no 0 or 1 in the field {columns[label]}" : $"'{text}' in column {columns[label]} is neither 0 nor 1");
                return null;
            }
            flags[label] = flag.Value;
        }
        return flags;
    }

    TaggedExample? TaggedOf(ITaskRow row)
    {
        if (Words(row, Columns.Words!.Value) is not { } words) { Drop(TaskProblemKind.Json, row, "no words"); return null; }
        if (words.Count == 0) { Drop(TaskProblemKind.EmptyText, row, "no words"); return null; }
        if (!_hasLabels) return new TaggedExample(Id(row), row.Source, words);

        if (Words(row, Columns.Tags!.Value) is not { } tags || tags.Count != words.Count)
        {
            Drop(TaskProblemKind.WordCount, row, $"{words.Count} words, but {Words(row, Columns.Tags!.Value)?.Count ?? 0} tags");
            return null;
        }
        var rules = _task.Tagging ?? new TaskTagging();
        for (var i = 0; i < tags.Count; i++)
            if (!EntitySpans.IsTag(tags[i]))
            {
                _report.Add(new TaskProblem(TaskProblemKind.UnknownLabel, row.PlaceOf(i), $"'{tags[i]}' at word {i + 1} is no tag: O is one, or B, I, E or S with a hyphen and a type", IsDropped: true));
                return null;
            }
        var jump = TagSequence.FindJump(tags, rules.Scheme);
        if (jump >= 0)
            _report.Add(new TaskProblem(TaskProblemKind.TagJump, row.PlaceOf(jump), $"'{tags[jump]}' at word {jump + 1} cannot stand there in {rules.Scheme.ToString().ToUpperInvariant()}; read as conlleval reads it", IsDropped: false));
        var learnt = TagSequence.Write([.. tags], rules.Learnt);
        foreach (var tag in learnt)
            if (!_numbers.ContainsKey(tag))
            {
                Report(TaskProblemKind.UnknownLabel, row, $"the tag '{tag}' is none of the labels; it counts in scores and cannot be predicted", isDropped: false);
                break;
            }
        return new TaggedExample(Id(row), row.Source, words, learnt);
    }

    QuestionExample? QuestionOf(ITaskRow row)
    {
        if (TextAt(row, Columns.Question!.Value) is not { } question || TextAt(row, Columns.Context!.Value) is not { } context) return null;
        var example = new QuestionExample(Id(row), row.Source, question, context);
        if (!_hasLabels) return example;

        var column = Columns.Answer!.Value;
        var texts = row.List(column) ?? (row.Text(column) is { } one ? [one] : null);
        if (texts is null)
        {
            Drop(TaskProblemKind.Json, row, $"no answer in the field {column}; an empty one says that there is none");
            return null;
        }
        var start = Columns.AnswerStart is { } place ? (row.List(place) is [var first, ..] ? first : row.Text(place)) : null;
        List<GoldAnswer> answers =
        [
            .. texts.Where(text => text.Length > 0).Select((text, index) =>
                AnswerPlace.Find(context, text, index == 0 && int.TryParse(start, CultureInfo.InvariantCulture, out var number) ? number : null, row.Source, _report)),
        ];
        return example with { Answers = answers };
    }

    string Listed() => _labels.Count <= 10 ? string.Join(", ", _labels) : $"{string.Join(", ", _labels.Take(10))} and {_labels.Count - 10:N0} more";

    string? Drop(TaskProblemKind kind, ITaskRow row, string message)
    {
        Report(kind, row, message, isDropped: true);
        return null;
    }

    void Report(TaskProblemKind kind, ITaskRow row, string message, bool isDropped) => _report.Add(new TaskProblem(kind, row.Source, message, isDropped));
}
