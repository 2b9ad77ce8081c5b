using System.Text.Json;

namespace Electra.FineTuning.Tasks;

/// <summary>Rows of JSON lines.</summary>
static class JsonRows
{
    /// <summary>The objects. A line that is none is reported and null; blank lines do not count.</summary>
    public static IEnumerable<ITaskRow?> Read(TaskLines lines, TaskReadingReport report)
    {
        while (lines.TryRead(out var line))
        {
            if (string.IsNullOrWhiteSpace(line.Text)) continue;
            report.NumRows++;
            var source = new SourceLine(lines.File, line.Number);
            var isObject = TryParse(line.Text, out var fields, out var problem);
            if (!isObject) report.Add(new TaskProblem(TaskProblemKind.Json, source, problem, IsDropped: true));
            yield return isObject ? new JsonRow(source, fields) : null;
        }
    }

    static bool TryParse(string text, out JsonElement fields, out string problem)
    {
        (fields, problem) = (default, "not a JSON object");
        try
        {
            fields = JsonElement.Parse(text);
        }
        catch (JsonException exception)
        {
            problem = $"no valid JSON at byte {exception.BytePositionInLine}";
            return false;
        }
        return fields.ValueKind == JsonValueKind.Object;
    }
}
