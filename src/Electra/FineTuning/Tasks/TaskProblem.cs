namespace Electra.FineTuning.Tasks;

/// <summary>Something wrong with a row.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Source">Where it stands.</param>
/// <param name="Message">What is wrong, in words.</param>
/// <param name="IsDropped">True if the row is left out, false if it was mended or kept as it is.</param>
public sealed record TaskProblem(TaskProblemKind Kind, SourceLine Source, string Message, bool IsDropped)
{
    public override string ToString() => $"{Source}: {Message}{(IsDropped ? "; left out" : "")}";
}

/// <summary>What can be wrong with a row.</summary>
public enum TaskProblemKind
{
    /// <summary>A label that is not the task's, or no number, or outside the range.</summary>
    UnknownLabel,
    /// <summary>Nothing but blanks.</summary>
    EmptyText,
    /// <summary>More columns than the first row has, or fewer.</summary>
    ColumnCount,
    /// <summary>A quoted field that does not end, or goes on after its end.</summary>
    Quotes,
    /// <summary>A tag that cannot follow the one before.</summary>
    TagJump,
    /// <summary>A tag or word without its partner.</summary>
    WordCount,
    /// <summary>An answer that is not where it should be.</summary>
    Answer,
    /// <summary>An id that was there before.</summary>
    DuplicateId,
    /// <summary>Bytes that are not UTF-8.</summary>
    Encoding,
    /// <summary>A line that is no JSON object, or lacks a field.</summary>
    Json,
}
