namespace Electra.FineTuning.Tasks;

/// <summary>A row of a file, whatever holds it.</summary>
interface ITaskRow
{
    /// <summary>Where it stands.</summary>
    SourceLine Source { get; }

    /// <summary>A column as text; null where the row lacks it.</summary>
    /// <exception cref="InvalidDataException">The file has no such column at all.</exception>
    string? Text(TaskColumn column);

    /// <summary>A column as a list; null where the row lacks it or it is no list.</summary>
    IReadOnlyList<string>? List(TaskColumn column);

    /// <summary>Where an item of a list stands; of a sentence of lines, the line of a word.</summary>
    SourceLine PlaceOf(int item) => Source;
}

/// <summary>A row of fields.</summary>
/// <param name="header">Names of the columns; null without a header.</param>
sealed class FieldRow(SourceLine source, string[] fields, string[]? header) : ITaskRow
{
    public SourceLine Source => source;

    public string? Text(TaskColumn column) => fields[IndexOf(column)];

    public IReadOnlyList<string>? List(TaskColumn column) => null;

    int IndexOf(TaskColumn column)
    {
        if (column.Name is null)
        {
            var place = column.Place < 0 ? fields.Length + column.Place : column.Place;
            return place >= 0 && place < fields.Length
                ? place
                : throw new InvalidDataException($"{source.File}: no column {column.Place}; rows have {fields.Length} columns, counted from 0.");
        }
        if (header is null)
            throw new InvalidDataException($"{source.File}: the column {column} is named, but the file has no header; give its place from 0.");
        var index = Array.IndexOf(header, column.Name);
        return index >= 0
            ? index
            : throw new InvalidDataException($"{source.File}: no column {column}; there are {string.Join(", ", header.Select(name => $"'{name}'"))}.");
    }
}
