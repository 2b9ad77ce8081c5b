using System.Text;

namespace Electra.FineTuning.Tasks;

/// <summary>Rows of TSV and CSV. With quoting as in RFC 4180: a quoted field may hold separators, line ends and doubled quotes.</summary>
static class DelimitedRows
{
    /// <summary>A quoted field that has not ended after so many lines never will: its quote is a stray one.</summary>
    const int MaxLinesOfField = 1000;

    enum Parse { Whole, Unfinished, Malformed }

    /// <summary>The rows after the header. A row with another number of columns than the first is reported and left out.</summary>
    public static IEnumerable<ITaskRow> Read(TaskLines lines, TaskFormat format, TaskReadingReport report)
    {
        string[]? header = null;
        int numColumns = 0;
        while (TryReadFields(lines, format, report, out var line, out var fields))
        {
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
            if (fields.Length == numColumns)
            {
                yield return new FieldRow(source, fields, header);
                continue;
            }
            report.Add(new TaskProblem(TaskProblemKind.ColumnCount, source,
                $"{fields.Length} columns, {(format.Header ? "the header" : "the first row")} has {numColumns}", IsDropped: true));
        }
    }

    static bool TryReadFields(TaskLines lines, TaskFormat format, TaskReadingReport report, out long line, out string[] fields)
    {
        while (lines.TryRead(out var first))
        {
            line = first.Number;
            if (!format.IsQuoted)
            {
                fields = first.Text.Split(format.ColumnSeparator);
                return true;
            }
            var state = ReadQuoted(lines, first.Text, format.ColumnSeparator, out fields);
            if (state == Parse.Whole) return true;
            report.NumRows++;
            report.Add(new TaskProblem(TaskProblemKind.Quotes, new SourceLine(lines.File, line),
                state == Parse.Unfinished ? "a quoted field does not end" : "text after the end of a quoted field", IsDropped: true));
        }
        (line, fields) = (0, []);
        return false;
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
