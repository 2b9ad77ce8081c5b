using System.Text.Json;

namespace Electra.FineTuning.Tasks;

/// <summary>One JSON object.</summary>
sealed class JsonRow(SourceLine source, JsonElement fields) : ITaskRow
{
    public SourceLine Source => source;

    public string? Text(TaskColumn column) => Find(column) is { } value ? TextOf(value) : null;

    public IReadOnlyList<string>? List(TaskColumn column) =>
        Find(column) is { ValueKind: JsonValueKind.Array } list ? [.. list.EnumerateArray().Select(item => TextOf(item) ?? "")] : null;

    JsonElement? Find(TaskColumn column)
    {
        if (column.Name is null) throw new InvalidDataException($"{source.File}: column {column.Place} is given by its place, but fields of JSON have names.");
        return fields.TryGetProperty(column.Name, out var value) ? value : null;
    }

    static string? TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
        _ => null,
    };
}
