using System.Text.Json;

namespace Electra.FineTuning.Tasks;

/// <summary>Fields of JSON that may be anything. Half of a surrogate pair, which JSON can write and text cannot hold, counts as no text.</summary>
static class JsonFields
{
    /// <summary>A field, or null where there is none or its parent is no object.</summary>
    public static JsonElement? Find(JsonElement parent, string name)
    {
        if (parent.ValueKind != JsonValueKind.Object) return null;
        try
        {
            return parent.TryGetProperty(name, out var value) ? value : null;
        }
        catch (InvalidOperationException) // how System.Text.Json reports half a pair, here in the name of another field
        {
            return null;
        }
    }

    /// <summary>A text field, or null.</summary>
    public static string? Text(JsonElement parent, string name) =>
        Find(parent, name) is { ValueKind: JsonValueKind.String } value ? TextOf(value) : null;

    /// <summary>The items of a list field; none where there is no list.</summary>
    public static IEnumerable<JsonElement> Items(JsonElement parent, string name) =>
        Find(parent, name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];

    /// <summary>A text, number or flag as text; null for anything else.</summary>
    public static string? TextOf(JsonElement value)
    {
        if (value.ValueKind is JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False) return value.GetRawText();
        if (value.ValueKind != JsonValueKind.String) return null;
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException) // half a pair
        {
            return null;
        }
    }
}
