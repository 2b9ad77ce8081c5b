namespace Electra.FineTuning.Tasks;

/// <summary>Texts without labels, one a line; two of them stand between a tab.</summary>
static class PlainLines
{
    /// <summary>Names of the columns: of one text or the first of two, and of the second.</summary>
    public static readonly TaskColumn First = 0, Second = 1;

    /// <summary>The lines, blank ones included; one with another number of texts is reported and null.</summary>
    /// <param name="numTexts">1 takes a line as it is, 2 divides it at its tab.</param>
    public static IEnumerable<ITaskRow?> Read(TaskLines lines, int numTexts, TaskReadingReport report)
    {
        while (lines.TryRead(out var line))
        {
            report.NumRows++;
            var source = new SourceLine(lines.File, line.Number);
            string[] fields = numTexts == 1 ? [line.Text] : line.Text.Split('\t');
            if (fields.Length != numTexts) report.Add(new TaskProblem(TaskProblemKind.ColumnCount, source, $"{fields.Length} texts between tabs, two are needed", IsDropped: true));
            yield return fields.Length == numTexts ? new FieldRow(source, fields, header: null) : null;
        }
    }
}
