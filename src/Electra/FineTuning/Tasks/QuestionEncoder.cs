using Electra.Tokenization;

namespace Electra.FineTuning.Tasks;

/// <summary>
/// Questions on a text to rows of question and context, the context sliding where it is too long (Devlin et al. 2019; google-research/bert).
/// A window that lacks the answer, or a text that has none, says so by the start token.
/// </summary>
sealed class QuestionEncoder(ITokenizer tokenizer, int maxLength, TaskWindows windows)
{
    /// <summary>The rows, at least one.</summary>
    public List<EncodedExample> Encode(QuestionExample example, int index)
    {
        var question = tokenizer.EncodeWithOffsets(example.Question.Trim());
        var context = tokenizer.EncodeWithOffsets(example.Context);
        var free = maxLength - RowFrame.NumSpecial(tokenizer, isPair: true);
        // The question never takes more than half of a short row.
        var asked = Math.Min(question.Ids.Count, Math.Min(windows.MaxQuestionLength, free / 2));
        var places = WindowPlaces.Of(context.Ids.Count, free - asked, windows.Stride);
        var gold = Gold(example, context);
        return [.. places.Select((_, window) => Row(example, index, window, (question, asked), context, places, gold))];
    }

    EncodedExample Row(
        QuestionExample example, int index, int window, (TokenizedText Text, int Length) question, TokenizedText context,
        List<(int Start, int Length)> places, (int First, int Last)? gold)
    {
        var (start, length) = places[window];
        var row = new RowFrame(tokenizer);
        row.AddFirst(question.Text, 0, question.Length);
        var offset = row.Length + (tokenizer.PairLayout == PairLayout.Roberta ? 1 : 0);
        row.AddSecond(context, start, length);
        var text = row.ToEncodedText(isTruncated: question.Length < question.Text.Ids.Count);

        var isContext = new bool[text.Length];
        var hasMaxContext = new bool[text.Length];
        for (var i = 0; i < length; i++)
        {
            isContext[offset + i] = true;
            hasMaxContext[offset + i] = WindowPlaces.MaxContext(places, start + i) == window;
        }
        var encoded = new EncodedExample(index, window, text) { IsContext = isContext, HasMaxContext = hasMaxContext };
        if (example.Answers is null) return encoded;
        return gold is var (first, last) && first >= start && last < start + length
            ? encoded with { Start = offset + first - start, End = offset + last - start }
            : encoded with { Start = 0, End = 0, IsImpossible = true };
    }

    /// <summary>The context's first and last token of the first answer that stands there.</summary>
    static (int First, int Last)? Gold(QuestionExample example, TokenizedText context)
    {
        if (example.Answers?.FirstOrDefault(answer => answer.Start >= 0) is not { } answer) return null;
        int first = -1, last = -1;
        for (var token = 0; token < context.Ids.Count; token++)
        {
            var (start, end) = context.Offsets[token];
            if (first < 0 && end > answer.Start) first = token;
            if (start < answer.Start + answer.Text.Length) last = token;
        }
        return first >= 0 && last >= first ? (first, last) : null;
    }
}
