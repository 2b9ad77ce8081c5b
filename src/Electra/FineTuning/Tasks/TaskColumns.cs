namespace Electra.FineTuning.Tasks;

/// <summary>Where in a row the parts of an example stand.</summary>
/// <param name="Text">The text, or the first of two.</param>
/// <param name="SecondText">The second text of a pair.</param>
/// <param name="Label">Class, number, or the labels of a multi-label task as a list or between <c>label_separator</c>.</param>
/// <param name="Id">A name for the example, unique in its file; null: the row's number from 0.</param>
/// <param name="Words">Tagging: the words; in CoNLL a column, else a list or words between blanks.</param>
/// <param name="Tags">Tagging: the tags, as <paramref name="Words"/>.</param>
/// <param name="Question">Question answering from rows: the question.</param>
/// <param name="Context">Question answering from rows: the text that holds the answer.</param>
/// <param name="Answer">Question answering from rows: the answer's text, or a list of texts that are all right; empty: there is none.</param>
/// <param name="AnswerStart">Question answering from rows: where the answer starts, in characters; null: its first place in the context.</param>
/// <param name="Labels">Multi-label, in place of <paramref name="Label"/>: a column of 0 and 1 for each label, in the order of the labels.</param>
public sealed record TaskColumns(
    TaskColumn? Text = null, TaskColumn? SecondText = null, TaskColumn? Label = null, TaskColumn? Id = null,
    TaskColumn? Words = null, TaskColumn? Tags = null,
    TaskColumn? Question = null, TaskColumn? Context = null, TaskColumn? Answer = null, TaskColumn? AnswerStart = null,
    IReadOnlyList<TaskColumn>? Labels = null)
{
    /// <summary>The keys that are given.</summary>
    internal IEnumerable<string> Keys =>
    [
        .. new (string Key, bool IsGiven)[]
        {
            ("text", Text is not null), ("second_text", SecondText is not null), ("label", Label is not null), ("labels", Labels is not null), ("id", Id is not null),
            ("words", Words is not null), ("tags", Tags is not null),
            ("question", Question is not null), ("context", Context is not null), ("answer", Answer is not null), ("answer_start", AnswerStart is not null),
        }.Where(column => column.IsGiven).Select(column => column.Key),
    ];

    /// <summary>The columns that are given, those of labels only where they are wanted.</summary>
    internal IEnumerable<TaskColumn> Named(bool hasLabels)
    {
        TaskColumn?[] texts = [Text, SecondText, Id, Words, Question, Context], labels = [Label, Tags, Answer, AnswerStart];
        return hasLabels ? texts.Concat(labels).OfType<TaskColumn>().Concat(Labels ?? []) : texts.OfType<TaskColumn>();
    }
}
