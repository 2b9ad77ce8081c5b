using System.Text.Json;

namespace Electra.FineTuning.Tasks;

/// <summary>One JSON object.</summary>
sealed class JsonRow(SourceLine source, JsonElement fields) : ITaskRow
{
    public SourceLine Source => source;

    public string? Text(TaskColumn column) => JsonFields.Find(fields, NameOf(column)) is { } value ? JsonFields.TextOf(value) : null;

    public IReadOnlyList<string>? List(TaskColumn column) => JsonFields.Find(fields, NameOf(column)) is { ValueKind: JsonValueKind.Array } list
        ? [.. list.EnumerateArray().Select(item => JsonFields.TextOf(item) ?? "")]
        : null;

    string NameOf(TaskColumn column) => column.Name
        ?? throw new InvalidDataException($"{source.File}: column {column.Place} is given by its place, but fields of JSON have names.");
}
