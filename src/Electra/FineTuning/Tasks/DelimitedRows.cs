using System.Text;

namespace Electra.FineTuning.Tasks;

/// <summary>Rows of TSV and CSV. With quoting as in RFC 4180: a quoted field may hold separators, line ends and doubled quotes.</summary>
static class DelimitedRows
{
    /// <summary>A quoted field that has not ended after so many lines never will: its quote is a stray one.</summary>
    const int MaxLinesOfField = 1000;

    enum Parse { Whole, Unfinished, Malformed }

    /// <summary>The rows after the header. A row with another number of columns than the first, or with open quotes, is reported and null.</summary>
    public static IEnumerable<ITaskRow?> Read(TaskLines lines, TaskFormat format, TaskReadingReport report)
    {
        string[]? header = null;
        int numColumns = 0;
        while (TryReadFields(lines, format, report, out var line, out var fields))
        {
            if (fields is null)
            {
                yield return null;
                continue;
            }
            if (numColumns == 0)
            {
                numColumns = fields.Length;
                if (format.Header)
                {
                    header = fields;
                    continue;
                }
            }
            if (fields is [""] && numColumns > 1) continue;
            report.NumRows++;
            var source = new SourceLine(lines.File, line);
            var isWhole = fields.Length == numColumns;
            if (!isWhole)
                report.Add(new TaskProblem(TaskProblemKind.ColumnCount, source,
                    $"{fields.Length} columns, {(format.Header ? "the header" : "the first row")} has {numColumns}", IsDropped: true));
            yield return isWhole ? new FieldRow(source, fields, header) : null;
        }
    }

    /// <summary>The next row's fields; null of one whose quotes are wrong, which is reported.</summary>
    static bool TryReadFields(TaskLines lines, TaskFormat format, TaskReadingReport report, out long line, out string[]? fields)
    {
        (line, fields) = (0, null);
        if (!lines.TryRead(out var first)) return false;
        line = first.Number;
        if (!format.IsQuoted)
        {
            fields = first.Text.Split(format.ColumnSeparator);
            return true;
        }
        var state = ReadQuoted(lines, first.Text, format.ColumnSeparator, out var whole);
        if (state == Parse.Whole)
        {
            fields = whole;
            return true;
        }
        report.NumRows++;
        report.Add(new TaskProblem(TaskProblemKind.Quotes, new SourceLine(lines.File, line),
            state == Parse.Unfinished ? "a quoted field does not end" : "text after the end of a quoted field", IsDropped: true));
        return true;
    }

    /// <summary>Takes as many lines as the fields need. If they are no row, all lines but the first are read again.</summary>
    static Parse ReadQuoted(TaskLines lines, string text, char separator, out string[] fields)
    {
        var taken = new List<(long, string)>();
        while (true)
        {
            var state = Divide(text, separator, out fields);
            if (state == Parse.Whole) return state;
            if (state == Parse.Malformed || taken.Count == MaxLinesOfField || !lines.TryRead(out var next))
            {
                lines.Return(taken);
                return state;
            }
            taken.Add(next);
            text = $"{text}\n{next.Text}";
        }
    }

    static Parse Divide(string text, char separator, out string[] fields)
    {
        var row = new List<string>();
        var field = new StringBuilder();
        fields = [];
        for (var i = 0; ; i++)
        {
            field.Clear();
            if (i < text.Length && text[i] == '"')
            {
                i++;
                while (true)
                {
                    if (i >= text.Length) return Parse.Unfinished;
                    var letter = text[i++];
                    if (letter == '"' && (i >= text.Length || text[i] != '"')) break;
                    if (letter == '"') i++;
                    field.Append(letter);
                }
            }
            else
            {
                while (i < text.Length && text[i] != separator) field.Append(text[i++]);
            }
            row.Add(field.ToString());
            if (i >= text.Length) break;
            if (text[i] != separator) return Parse.Malformed;
        }
        fields = [.. row];
        return Parse.Whole;
    }
}
