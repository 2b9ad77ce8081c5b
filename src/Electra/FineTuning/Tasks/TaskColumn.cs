using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Electra.FineTuning.Tasks;

/// <summary>A column by its name, or by its place from 0; negative places count from the last column, which is -1.</summary>
/// <param name="Name">The name in the header, or the field of an object; null where the place counts.</param>
/// <param name="Place">The place, where there is no name.</param>
[JsonConverter(typeof(TaskColumnConverter))]
public readonly record struct TaskColumn(string? Name, int Place = 0)
{
    /// <summary>A column by its name.</summary>
    public static implicit operator TaskColumn(string name) => new(name);

    /// <summary>A column by its place.</summary>
    public static implicit operator TaskColumn(int place) => new(null, place);

    /// <summary>The column by its name.</summary>
    public static TaskColumn FromString(string name) => name;

    /// <summary>The column by its place.</summary>
    public static TaskColumn FromInt32(int place) => place;

    public override string ToString() => Name is null ? Place.ToString(CultureInfo.InvariantCulture) : $"'{Name}'";
}

/// <summary>Reads a column from a JSON text or a whole number.</summary>
sealed class TaskColumnConverter : JsonConverter<TaskColumn>
{
    public override TaskColumn Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.String => reader.GetString()!,
        JsonTokenType.Number when reader.TryGetInt32(out var place) => place,
        _ => throw new JsonException("The value could not be converted: a column is a name or a whole number."),
    };

    public override void Write(Utf8JsonWriter writer, TaskColumn value, JsonSerializerOptions options)
    {
        if (value.Name is { } name) writer.WriteStringValue(name);
        else writer.WriteNumberValue(value.Place);
    }
}
