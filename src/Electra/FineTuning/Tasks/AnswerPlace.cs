namespace Electra.FineTuning.Tasks;

/// <summary>Finds an answer in its context.</summary>
static class AnswerPlace
{
    /// <summary>
    /// The answer where it is said to be, else at the nearest place where it stands, else without a place: it still counts in scores but
    /// cannot be learnt from. The last two are reported.
    /// </summary>
    /// <param name="start">Where the file says it starts, in Unicode code points as Python counts; null: its first place.</param>
    public static GoldAnswer Find(string context, string text, int? start, SourceLine source, TaskReadingReport report)
    {
        var first = context.IndexOf(text, StringComparison.Ordinal);
        if (first >= 0 && start is null) return new GoldAnswer(text, first);
        if (first < 0)
        {
            report.Add(new TaskProblem(TaskProblemKind.Answer, source, $"the answer '{Short(text)}' is not in its context; it counts in scores and is not learnt from", IsDropped: false));
            return new GoldAnswer(text, -1);
        }
        var wanted = Utf16Place(context, start!.Value);
        if (wanted >= 0 && wanted + text.Length <= context.Length && string.CompareOrdinal(context, wanted, text, 0, text.Length) == 0)
            return new GoldAnswer(text, wanted);

        var nearest = first;
        for (var place = first; place >= 0; place = place + 1 < context.Length ? context.IndexOf(text, place + 1, StringComparison.Ordinal) : -1)
            if (Math.Abs(place - wanted) < Math.Abs(nearest - wanted)) nearest = place;
        report.Add(new TaskProblem(TaskProblemKind.Answer, source, $"the answer '{Short(text)}' is not at {start}; taken from its nearest place, {CodePoints(context, nearest)}", IsDropped: false));
        return new GoldAnswer(text, nearest);
    }

    /// <summary>The code points before a place, as Python counts and SQuAD's files do.</summary>
    public static int CodePoints(string text, int place)
    {
        var count = 0;
        for (var i = 0; i < place; i++)
            if (!(char.IsLowSurrogate(text[i]) && i > 0 && char.IsHighSurrogate(text[i - 1]))) count++;
        return count;
    }

    /// <summary>Python counts code points; beyond the first plane each is two UTF-16 code units.</summary>
    static int Utf16Place(string text, int codePoints)
    {
        var place = 0;
        for (var i = 0; i < codePoints && place < text.Length; i++)
            place += char.IsHighSurrogate(text[place]) && place + 1 < text.Length ? 2 : 1;
        return codePoints < 0 ? -1 : place;
    }

    static string Short(string text) => text.Length <= 40 ? text : $"{text[..40]}...";
}
