namespace Electra.FineTuning.Tasks;

/// <summary>Sentences of CoNLL files: a word a line, in columns between tabs or blanks, an empty line between sentences.</summary>
static class ConllSentences
{
    /// <summary>The sentences as rows whose columns are lists. A sentence with a line of another number of columns is left out.</summary>
    public static IEnumerable<ITaskRow> Read(TaskLines lines, TaskFormat format, TaskReadingReport report)
    {
        var words = new List<string[]>();
        int numColumns = 0;
        long first = 0;
        (long Line, int Count)? wrong = null;
        while (true)
        {
            var isEnd = !lines.TryRead(out var line);
            if (!isEnd && !string.IsNullOrWhiteSpace(line.Text))
            {
                var columns = Split(line.Text, format.Separator);
                if (columns[0] == "-DOCSTART-") continue;
                if (words.Count == 0) first = line.Number;
                if (numColumns == 0) numColumns = columns.Length;
                if (columns.Length != numColumns) wrong ??= (line.Number, columns.Length);
                words.Add(columns);
                continue;
            }
            if (words.Count > 0)
            {
                report.NumRows++;
                if (wrong is { } place)
                    report.Add(new TaskProblem(TaskProblemKind.ColumnCount, new SourceLine(lines.File, place.Line),
                        $"{place.Count} columns, the first word has {numColumns}; the sentence", IsDropped: true));
                else
                    yield return new SentenceRow(new SourceLine(lines.File, first), [.. words]);
                words.Clear();
                wrong = null;
            }
            if (isEnd) yield break;
        }
    }

    static string[] Split(string line, string? separator)
    {
        if (separator is not null) return line.Split(separator);
        return line.Contains('\t') ? line.Trim('\r').Split('\t') : line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }

    sealed class SentenceRow(SourceLine source, string[][] words) : ITaskRow
    {
        public SourceLine Source => source;

        public SourceLine PlaceOf(int item) => source with { Line = source.Line + item };

        public string? Text(TaskColumn column) => null;

        public IReadOnlyList<string>? List(TaskColumn column)
        {
            if (column.Name is not null) throw new InvalidDataException($"{source.File}: the column {column} is named, but CoNLL columns have no names; give its place from 0.");
            var place = column.Place < 0 ? words[0].Length + column.Place : column.Place;
            if (place < 0 || place >= words[0].Length)
                throw new InvalidDataException($"{source.File}: no column {column.Place}; words have {words[0].Length} columns, counted from 0.");
            return [.. words.Select(word => word[place])];
        }
    }
}
