namespace Electra.FineTuning.Tasks;

/// <summary>One example of a task, read and checked.</summary>
/// <param name="Id">Unique in its set and the same whenever the set is read.</param>
/// <param name="Source">Where it stands.</param>
public abstract record TaskExample(string Id, SourceLine Source);

/// <summary>A text or two, with a class, a number or several labels.</summary>
/// <param name="Text">The text, or the first of two.</param>
/// <param name="SecondText">The second text of a pair.</param>
/// <param name="Class">Classification: the label's number; null without labels.</param>
/// <param name="Value">Regression: the label as the file has it; null without labels.</param>
/// <param name="IsLabelled">Multi-label: (L) true for each label that it has; null without labels.</param>
public sealed record TextExample(
    string Id, SourceLine Source, string Text, string? SecondText = null,
    int? Class = null, double? Value = null, IReadOnlyList<bool>? IsLabelled = null) : TaskExample(Id, Source);

/// <summary>A sentence of words.</summary>
/// <param name="Words">(W) the words.</param>
/// <param name="Tags">(W) the tags in the scheme that the model learns; null without labels.</param>
public sealed record TaggedExample(string Id, SourceLine Source, IReadOnlyList<string> Words, IReadOnlyList<string>? Tags = null)
    : TaskExample(Id, Source);

/// <summary>A question on a text.</summary>
/// <param name="Question">What is asked.</param>
/// <param name="Context">The text that may hold the answer.</param>
/// <param name="Answers">All answers that count as right, the first one to learn from; empty: the text does not answer. Null without
/// labels.</param>
/// <param name="Title">The article's title, where there is one.</param>
public sealed record QuestionExample(
    string Id, SourceLine Source, string Question, string Context, IReadOnlyList<GoldAnswer>? Answers = null, string? Title = null)
    : TaskExample(Id, Source);

/// <summary>An answer and where it starts in the context, in UTF-16 code units; -1 if it is not there.</summary>
public sealed record GoldAnswer(string Text, int Start);

/// <summary>A line of a file, from 1; of SQuAD JSON the question's number, of Parquet the row's.</summary>
public readonly record struct SourceLine(string File, long Line)
{
    public override string ToString() => $"{File}:{Line}";
}
