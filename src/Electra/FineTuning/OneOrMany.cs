using System.Numerics;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Electra.FineTuning;

/// <summary>Reads a number or a list of numbers; one number is written as it was given.</summary>
sealed class OneOrMany<T> : JsonConverter<IReadOnlyList<T>> where T : struct, INumber<T>
{
    public override IReadOnlyList<T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartArray) return [Number(ref reader)];
        var values = new List<T>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) values.Add(Number(ref reader));
        return values;
    }

    public override void Write(Utf8JsonWriter writer, IReadOnlyList<T> value, JsonSerializerOptions options)
    {
        if (value.Count != 1) writer.WriteStartArray();
        foreach (var number in value) writer.WriteRawValue(number.ToString(null, System.Globalization.CultureInfo.InvariantCulture));
        if (value.Count != 1) writer.WriteEndArray();
    }

    static T Number(ref Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.Number && T.TryParse(reader.HasValueSequence ? [] : reader.ValueSpan, System.Globalization.CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new JsonException("The value could not be converted: a number or a list of numbers is expected.");
}
