namespace Electra.Corpus;

/// <summary>How a file holds its documents.</summary>
public enum TextFormat
{
    /// <summary>Lines of UTF-8; a blank line ends a document (<c>.txt</c>).</summary>
    PlainText,
    /// <summary>One JSON object a line with a <c>text</c> field, one document each (<c>.jsonl</c>).</summary>
    JsonLines,
    /// <summary>A column <c>text</c>, one document a row (<c>.parquet</c>).</summary>
    Parquet,
}
