using System.Text.Json;
using System.Text.Json.Serialization;

namespace Electra.FineTuning;

/// <summary>A figure in JSON; one that is no number, such as the spread of a single seed, is null.</summary>
sealed class FigureConverter : JsonConverter<double>
{
    public override bool HandleNull => true;

    public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.Null => double.NaN,
        JsonTokenType.Number => reader.GetDouble(),
        _ => throw new JsonException("The value could not be converted: a figure is a number or null."),
    };

    public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
    {
        if (double.IsFinite(value)) writer.WriteNumberValue(value);
        else writer.WriteNullValue();
    }
}
