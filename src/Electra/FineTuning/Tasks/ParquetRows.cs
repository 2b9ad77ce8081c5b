using System.Globalization;
using Electra.Corpus;
using Parquet;
using Parquet.Data;
using Parquet.Schema;

namespace Electra.FineTuning.Tasks;

/// <summary>Rows of a Parquet file: columns of text, numbers, flags, and lists of them. Memory is that of one row group's named columns.</summary>
static class ParquetRows
{
    /// <summary>The rows, with the columns that are named; a place counts the columns of the schema from 0.</summary>
    /// <exception cref="InvalidDataException">The file is not Parquet, or a column is missing or of another kind.</exception>
    public static IEnumerable<ITaskRow> Read(Stream content, string file, IEnumerable<TaskColumn> columns, TaskReadingReport report)
    {
        using var seekable = ParquetText.Seekable(content);
        var layout = ParquetText.Wait(() => Task.FromResult(ParquetLayout.Read(seekable)), file);
        var reader = ParquetText.Wait(() => ParquetReader.CreateAsync(seekable), file);
        try
        {
            var fields = columns.Distinct().ToDictionary(column => column, column => ParquetText.Wait(() => Task.FromResult(FieldOf(reader, column, file)), file));
            for (var group = 0; group < reader.RowGroupCount; group++)
            {
                foreach (var field in fields.Values) ParquetText.Check(layout, group, field, file);
                var (numRows, cells) = ReadGroup(reader, group, fields, file);
                for (var row = 0; row < numRows; row++)
                {
                    report.NumRows++;
                    yield return new ParquetRow(new SourceLine(file, report.NumRows), row, cells);
                }
            }
        }
        finally
        {
            reader.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }

    static (long NumRows, Dictionary<TaskColumn, (bool IsList, List<List<string>?> Rows)> Cells) ReadGroup(
        ParquetReader reader, int group, Dictionary<TaskColumn, DataField> fields, string file)
    {
        using var rows = ParquetText.Wait(() => Task.FromResult(reader.OpenRowGroupReader(group)), file);
        return (rows.RowCount, fields.ToDictionary(field => field.Key, field => (field.Value.MaxRepetitionLevel > 0, Cells(rows, field.Value, file))));
    }

    static DataField FieldOf(ParquetReader reader, TaskColumn column, string file)
    {
        var names = reader.Schema.Fields.Select(field => field.Name).ToList();
        var name = column.Name ?? names.ElementAtOrDefault(column.Place < 0 ? names.Count + column.Place : column.Place);
        DataField[] found = [.. reader.Schema.DataFields.Where(field => field.Path.FirstPart == name)];
        if (found.Length == 0)
            throw new InvalidDataException($"{file}: no column {column}; there are {string.Join(", ", names.Take(20).Select(known => $"'{known}'"))}.");
        return found is [{ MaxRepetitionLevel: <= 1 } only]
            ? only
            : throw new InvalidDataException($"{file}: the column {column} is a structure; text, numbers, flags and lists of them can be read.");
    }

    /// <summary>The values of each row; null in a row without any, an empty list in a row with an empty list.</summary>
    static List<List<string>?> Cells(ParquetRowGroupReader rows, DataField field, string file)
    {
        using var data = ParquetText.Wait(() => rows.ReadRawColumnDataBaseAsync(field, CancellationToken.None).AsTask(), file);
        var values = Texts(data, field, file);
        int[]? defined = field.MaxDefinitionLevel > 0 ? data.DefinitionLevels.ToArray() : null;
        int[]? repeated = field.MaxRepetitionLevel > 0 ? data.RepetitionLevels.ToArray() : null;

        var cells = new List<List<string>?>();
        var value = 0;
        for (var i = 0; i < (defined?.Length ?? values.Count); i++)
        {
            if (repeated is null || cells.Count == 0 || repeated[i] == 0) cells.Add(null);
            if (defined is null || defined[i] == field.MaxDefinitionLevel)
            {
                if (value == values.Count) throw Damaged(file, field);
                (cells[^1] ??= []).Add(values[value++]);
            }
            else if (repeated is not null && defined[i] > 0)
            {
                cells[^1] ??= [];
            }
        }
        return cells.Count == rows.RowCount ? cells : throw Damaged(file, field);
    }

    static InvalidDataException Damaged(string file, DataField field) => new($"{file}: the column '{field.Path}' is damaged.");

    static List<string> Texts(RawColumnData data, DataField field, string file) => data switch
    {
        RawColumnData<ReadOnlyMemory<char>> texts => Texts<ReadOnlyMemory<char>>(texts.Values, text => text.ToString()),
        RawColumnData<int> numbers => Texts<int>(numbers.Values, number => number.ToString(CultureInfo.InvariantCulture)),
        RawColumnData<long> numbers => Texts<long>(numbers.Values, number => number.ToString(CultureInfo.InvariantCulture)),
        RawColumnData<short> numbers => Texts<short>(numbers.Values, number => number.ToString(CultureInfo.InvariantCulture)),
        RawColumnData<sbyte> numbers => Texts<sbyte>(numbers.Values, number => number.ToString(CultureInfo.InvariantCulture)),
        RawColumnData<double> numbers => Texts<double>(numbers.Values, number => number.ToString("R", CultureInfo.InvariantCulture)),
        RawColumnData<float> numbers => Texts<float>(numbers.Values, number => number.ToString("R", CultureInfo.InvariantCulture)),
        RawColumnData<bool> flags => Texts<bool>(flags.Values, flag => flag ? "true" : "false"),
        _ => throw new InvalidDataException($"{file}: the column '{field.Path}' holds {field.ClrType.Name}; text, numbers and flags can be read."),
    };

    static List<string> Texts<T>(ReadOnlySpan<T> values, Func<T, string> text)
    {
        var texts = new List<string>(values.Length);
        foreach (var value in values) texts.Add(text(value));
        return texts;
    }

    sealed class ParquetRow(SourceLine source, int row, Dictionary<TaskColumn, (bool IsList, List<List<string>?> Rows)> cells) : ITaskRow
    {
        public SourceLine Source => source;

        public string? Text(TaskColumn column) => cells[column].Rows[row] is [var only] ? only : null;

        public IReadOnlyList<string>? List(TaskColumn column) => cells[column].IsList ? cells[column].Rows[row] : null;
    }
}
