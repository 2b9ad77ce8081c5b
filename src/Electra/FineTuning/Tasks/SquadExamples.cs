using System.Text.Json;

namespace Electra.FineTuning.Tasks;

/// <summary>Questions of SQuAD JSON as examples.</summary>
static class SquadExamples
{
    /// <summary>The examples; a question without id, text or context is reported and left out.</summary>
    public static IEnumerable<QuestionExample> Read(Stream content, string file, TaskSplit split, TaskReadingReport report)
    {
        foreach (var (source, title, context, question) in SquadQuestions.Read(content, file, split.Articles, report))
        {
            string? id = JsonFields.Text(question, "id"), text = JsonFields.Text(question, "question");
            if (id is null || text is null || context is null)
            {
                var missing = id is null ? "id" : text is null ? "question" : "context";
                report.Add(new TaskProblem(TaskProblemKind.Json, source, $"question {source.Line} has no text '{missing}'", IsDropped: true));
                continue;
            }
            if (string.IsNullOrWhiteSpace(text) || string.IsNullOrWhiteSpace(context))
            {
                report.Add(new TaskProblem(TaskProblemKind.EmptyText, source, $"the question '{id}' or its context is empty", IsDropped: split.HasLabels));
                if (split.HasLabels) continue;
            }
            var example = new QuestionExample(id, source, text, context, Title: title);
            yield return split.HasLabels ? example with { Answers = Answers(question, context, source, report) } : example;
        }
    }

    static List<GoldAnswer> Answers(JsonElement question, string context, SourceLine source, TaskReadingReport report)
    {
        if (JsonFields.Find(question, "is_impossible") is { ValueKind: JsonValueKind.True }) return [];
        var answers = new List<GoldAnswer>();
        foreach (var answer in JsonFields.Items(question, "answers"))
        {
            if (JsonFields.Text(answer, "text") is not { Length: > 0 } text) continue;
            int? start = JsonFields.Find(answer, "answer_start") is { ValueKind: JsonValueKind.Number } place && place.TryGetInt32(out var number) ? number : null;
            answers.Add(AnswerPlace.Find(context, text, start, source, report));
        }
        return answers;
    }
}
