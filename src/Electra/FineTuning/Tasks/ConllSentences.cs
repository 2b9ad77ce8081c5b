namespace Electra.FineTuning.Tasks;

/// <summary>Sentences of CoNLL files: a word a line, in columns between tabs or blanks, an empty line between sentences.</summary>
static class ConllSentences
{
    /// <summary>
    /// The sentences as rows whose columns are lists. One with a word of another number of columns than most words have, up to its end, or
    /// without a column that is needed, is reported and null.
    /// </summary>
    /// <param name="needed">Places of the columns that are read.</param>
    public static IEnumerable<ITaskRow?> Read(TaskLines lines, TaskFormat format, IEnumerable<TaskColumn> needed, TaskReadingReport report)
    {
        var words = new List<(long Line, string[] Columns)>();
        var numWords = new Dictionary<int, long>();     // by their number of columns
        List<TaskColumn> places = [.. needed];
        while (true)
        {
            var isEnd = !lines.TryRead(out var line);
            if (!isEnd && !string.IsNullOrWhiteSpace(line.Text))
            {
                var columns = Split(line.Text, format.Separator);
                if (columns[0] == "-DOCSTART-") continue;
                numWords[columns.Length] = numWords.GetValueOrDefault(columns.Length) + 1;
                words.Add((line.Number, columns));
                continue;
            }
            if (words.Count > 0)
            {
                report.NumRows++;
                var problem = ProblemOf(words, numWords.MaxBy(entry => (entry.Value, entry.Key)).Key, places, lines.File);
                if (problem is not null) report.Add(problem);
                yield return problem is null ? new SentenceRow(new SourceLine(lines.File, words[0].Line), [.. words.Select(word => word.Columns)]) : null;
                words.Clear();
            }
            if (isEnd) yield break;
        }
    }

    static TaskProblem? ProblemOf(List<(long Line, string[] Columns)> words, int numColumns, List<TaskColumn> needed, string file)
    {
        foreach (var (line, columns) in words)
            if (columns.Length != numColumns)
                return new TaskProblem(TaskProblemKind.ColumnCount, new SourceLine(file, line), $"{columns.Length} columns, most words have {numColumns}; the sentence", IsDropped: true);
        foreach (var column in needed)
            if (column.Name is null && (column.Place < 0 ? numColumns + column.Place : column.Place) is var place && (place < 0 || place >= numColumns))
                return new TaskProblem(TaskProblemKind.ColumnCount, new SourceLine(file, words[0].Line), $"no column {column.Place}, words have {numColumns}, counted from 0; the sentence", IsDropped: true);
        return null;
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
            return [.. words.Select(word => word[place])];
        }
    }
}
