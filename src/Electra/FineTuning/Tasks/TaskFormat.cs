namespace Electra.FineTuning.Tasks;

/// <summary>How a task's files are to be read.</summary>
/// <param name="Type">The kind of file.</param>
/// <param name="Header">TSV and CSV: the first row names the columns.</param>
/// <param name="Quoting">Whether fields may stand in double quotes, with line ends inside; null: in CSV yes, in TSV no.</param>
/// <param name="Separator">The character between columns; null: a tab (TSV), a comma (CSV), blanks or tabs (CoNLL).</param>
public sealed record TaskFormat(TaskFileType Type, bool Header = true, bool? Quoting = null, string? Separator = null)
{
    /// <summary>Whether fields may stand in double quotes.</summary>
    internal bool IsQuoted => Quoting ?? Type == TaskFileType.Csv;

    /// <summary>The character between the columns of TSV and CSV.</summary>
    internal char ColumnSeparator => Separator is { Length: 1 } ? Separator[0] : Type == TaskFileType.Csv ? ',' : '\t';

    internal IEnumerable<string> Problems(string place)
    {
        if (Separator is not null && Separator.Length != 1) yield return $"{place}.separator is '{Separator}', it must be one character";
        if (Separator is not null && Type is not (TaskFileType.Tsv or TaskFileType.Csv or TaskFileType.Conll))
            yield return $"{place}.separator is set, but only tsv, csv and conll have one";
    }
}
