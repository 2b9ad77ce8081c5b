namespace Electra.FineTuning.Tasks;

/// <summary>How a file holds examples; each may be plain, .gz or .zst.</summary>
public enum TaskFileType
{
    /// <summary>Columns between tabs, a row a line.</summary>
    Tsv,
    /// <summary>Columns between commas.</summary>
    Csv,
    /// <summary>One JSON object a line.</summary>
    Jsonl,
    /// <summary>Named columns of a Parquet file.</summary>
    Parquet,
    /// <summary>A word a line in columns, an empty line between sentences; lines of -DOCSTART- are left out.</summary>
    Conll,
    /// <summary>SQuAD's JSON, version 1.1 or 2.0.</summary>
    Squad,
    /// <summary>Texts without labels, one a line; two texts, or question and context, stand between a tab.</summary>
    Lines,
}
