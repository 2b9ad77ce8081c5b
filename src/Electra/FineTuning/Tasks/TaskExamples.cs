using Electra.Evaluation;

namespace Electra.FineTuning.Tasks;

/// <summary>Rows to examples: every check of a row's content.</summary>
static class TaskExamples
{
    /// <summary>The examples of a file.</summary>
    public static IEnumerable<TaskExample> Read(
        Stream content, string name, TaskDefinition task, TaskSplit split, IReadOnlyList<string> labels, TaskReadingReport report)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        if ((split.Format ?? task.Format).Type == TaskFileType.Squad)
        {
            using (content)
                foreach (var example in SquadExamples.Read(content, name, split, report))
                    if (IsNew(example, ids, report)) yield return example;
            yield break;
        }
        var builder = new RowExample(task, split, labels, report);
        var hasIds = builder.Columns.Id is not null;
        using var lines = new TaskLines(content, name, report);
        foreach (var row in Rows(lines, task, split, report))
            if (builder.Of(row) is { } example && (!hasIds || IsNew(example, ids, report))) yield return example;
    }

    /// <summary>Every label of a file as it stands there; tags in the scheme that is learnt.</summary>
    public static IEnumerable<string> ReadLabels(Stream content, string name, TaskDefinition task, TaskSplit split, TaskReadingReport report)
    {
        using var lines = new TaskLines(content, name, report);
        var columns = split.Columns ?? task.Columns ?? new TaskColumns();
        foreach (var row in Rows(lines, task, split, report))
        {
            if (task.Kind == TaskKind.Tagging)
            {
                var tags = RowExample.Words(row, columns.Tags ?? -1);
                if (tags is null || !tags.All(EntitySpans.IsTag)) continue;
                foreach (var tag in TagSequence.AllOf(TagSequence.Write([.. tags], TagScheme.Bio), (task.Tagging ?? new TaskTagging()).Learnt)) yield return tag;
                continue;
            }
            foreach (var label in RowExample.LabelsOf(row, columns, task)) yield return label;
        }
    }

    static IEnumerable<ITaskRow> Rows(TaskLines lines, TaskDefinition task, TaskSplit split, TaskReadingReport report)
    {
        var format = split.Format ?? task.Format;
        return format.Type switch
        {
            TaskFileType.Jsonl => JsonRows.Read(lines, report),
            TaskFileType.Conll => ConllSentences.Read(lines, format, report),
            TaskFileType.Lines => PlainLines.Read(lines, task.IsPair || task.Kind == TaskKind.QuestionAnswering ? 2 : 1, report),
            _ => DelimitedRows.Read(lines, format, report),
        };
    }

    static bool IsNew(TaskExample example, HashSet<string> ids, TaskReadingReport report)
    {
        if (ids.Add(example.Id)) return true;
        report.Add(new TaskProblem(TaskProblemKind.DuplicateId, example.Source, $"the id '{example.Id}' stands twice", IsDropped: true));
        return false;
    }
}
