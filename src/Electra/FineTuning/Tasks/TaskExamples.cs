using Electra.Evaluation;

namespace Electra.FineTuning.Tasks;

/// <summary>The examples of a file, whatever holds them.</summary>
static class TaskExamples
{
    /// <summary>The examples in the file's order; null in place of a row that is none, which is reported.</summary>
    /// <param name="ids">The ids that were given so far, each of which may stand once; null: they may repeat, and none is kept.</param>
    public static IEnumerable<TaskExample?> Read(
        Stream content, string name, TaskDefinition task, TaskSplit split, IReadOnlyList<string> labels, TaskReadingReport report, HashSet<string>? ids)
    {
        if ((split.Format ?? task.Format).Type == TaskFileType.Squad)
        {
            using (content)
                foreach (var example in SquadExamples.Read(content, name, split, report))
                    yield return IsNew(example, ids, report) ? example : null;
            yield break;
        }
        var builder = new RowExample(task, split, labels, report);
        foreach (var row in Rows(content, name, task, split, builder.Columns, report))
            // A row's number, its id where none is given, may be the id of another row.
            yield return row is not null && builder.Of(row) is { } example && (builder.GivenId(row) is null || IsNew(example, ids, report)) ? example : null;
    }

    /// <summary>Every label of a file as it stands there; tags in the scheme that is learnt.</summary>
    public static IEnumerable<string> ReadLabels(Stream content, string name, TaskDefinition task, TaskSplit split, TaskReadingReport report)
    {
        var columns = RowExample.ColumnsOf(task, split);
        foreach (var row in Rows(content, name, task, split, columns, report))
        {
            if (row is null) continue;
            if (task.Kind == TaskKind.Tagging)
            {
                var tags = RowExample.Words(row, columns.Tags!.Value); // a set with labels has the column
                if (tags is null || !tags.All(EntitySpans.IsTag)) continue;
                foreach (var tag in TagSequence.AllOf(TagSequence.Write([.. tags], TagScheme.Bio), (task.Tagging ?? new TaskTagging()).Learnt)) yield return tag;
                continue;
            }
            foreach (var label in RowExample.LabelsOf(row, columns, task) ?? []) yield return label;
        }
    }

    static IEnumerable<ITaskRow?> Rows(
        Stream content, string name, TaskDefinition task, TaskSplit split, TaskColumns columns, TaskReadingReport report)
    {
        var format = split.Format ?? task.Format;
        if (format.Type == TaskFileType.Parquet)
        {
            foreach (var row in ParquetRows.Read(content, name, columns.Named(split.HasLabels), report)) yield return row;
            yield break;
        }
        using var lines = new TaskLines(content, name, report);
        var rows = format.Type switch
        {
            TaskFileType.Jsonl => JsonRows.Read(lines, report),
            TaskFileType.Conll => ConllSentences.Read(lines, format, columns.Named(split.HasLabels), report),
            TaskFileType.Lines => PlainLines.Read(lines, task.IsPair || task.Kind == TaskKind.QuestionAnswering ? 2 : 1, report),
            _ => DelimitedRows.Read(lines, format, report),
        };
        foreach (var row in rows) yield return row;
    }

    static bool IsNew(TaskExample example, HashSet<string>? ids, TaskReadingReport report)
    {
        if (ids?.Add(example.Id) != false) return true;
        report.Add(new TaskProblem(TaskProblemKind.DuplicateId, example.Source, $"the id '{example.Id}' stands twice", IsDropped: true));
        return false;
    }
}
