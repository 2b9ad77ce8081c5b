using System.Text.Json;

namespace Electra.FineTuning.Tasks;

/// <summary>Questions of SQuAD JSON as examples.</summary>
static class SquadExamples
{
    /// <summary>The examples; a question without id, text, context or, where there are labels, answers is reported and left out.</summary>
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
            if (!split.HasLabels) yield return example;
            else if (FaultOf(question, source.Line) is not { } fault) yield return example with { Answers = Answers(question, context, source, report) };
            else report.Add(new TaskProblem(TaskProblemKind.Json, source, fault, IsDropped: true));
        }
    }

    /// <summary>Why a question's answers cannot be taken; a list that is missing or wrong does not say that there is no answer.</summary>
    static string? FaultOf(JsonElement question, long number)
    {
        var isImpossible = JsonFields.Find(question, "is_impossible")?.ValueKind;
        if (isImpossible == JsonValueKind.True) return null;
        if (JsonFields.Find(question, "answers") is not { ValueKind: JsonValueKind.Array } answers)
            return $"question {number} has no list 'answers'{(JsonFields.Find(question, "answer") is null ? "" : ", only 'answer'")}; an empty one says that there is none";
        if (answers.GetArrayLength() == 0 && isImpossible == JsonValueKind.False) return $"question {number} has no answers, and is_impossible is false";
        return answers.EnumerateArray().All(answer => JsonFields.Text(answer, "text") is { Length: > 0 })
            ? null
            : $"an answer of question {number} has no text; an empty list says that there is none";
    }

    static List<GoldAnswer> Answers(JsonElement question, string context, SourceLine source, TaskReadingReport report)
    {
        if (JsonFields.Find(question, "is_impossible") is { ValueKind: JsonValueKind.True }) return [];
        var answers = new List<GoldAnswer>();
        foreach (var answer in JsonFields.Items(question, "answers"))
        {
            var text = JsonFields.Text(answer, "text")!; // looked for by FaultOf
            int? start = JsonFields.Find(answer, "answer_start") is { ValueKind: JsonValueKind.Number } place && place.TryGetInt32(out var number) ? number : null;
            answers.Add(AnswerPlace.Find(context, text, start, source, report));
        }
        return answers;
    }
}
