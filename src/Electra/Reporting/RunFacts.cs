using System.Text.Json;

namespace Electra.Reporting;

/// <summary>What a run's recipe.json and manifest.json say, as names and values.</summary>
static class RunFacts
{
    static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>
    /// One section per object of the file's top level, and one under <paramref name="name"/> for what stands there itself; none if the file
    /// is missing.
    /// </summary>
    /// <exception cref="InvalidDataException">The file is no JSON object.</exception>
    public static List<FactSection> Read(string path, string name)
    {
        if (!File.Exists(path)) return [];
        using var document = Parse(path);
        if (document.RootElement.ValueKind != JsonValueKind.Object) throw new InvalidDataException($"{path}: no JSON object.");

        var properties = document.RootElement.EnumerateObject().ToList();
        var sections = new List<FactSection>();
        var own = properties.Where(property => property.Value.ValueKind != JsonValueKind.Object)
            .Select(property => KeyValuePair.Create(property.Name, Text(property.Value))).ToList();
        if (own.Count > 0) sections.Add(new FactSection(name, own));
        foreach (var property in properties.Where(property => property.Value.ValueKind == JsonValueKind.Object))
            if (Flatten(property.Value, "").ToList() is { Count: > 0 } facts) sections.Add(new FactSection(property.Name, facts));
        return sections;
    }

    /// <summary>The value of a name in a section, or null.</summary>
    public static string? Find(IEnumerable<FactSection> sections, string section, string name) =>
        sections.FirstOrDefault(known => known.Name == section)?.Facts.FirstOrDefault(fact => fact.Key == name).Value;

    static IEnumerable<KeyValuePair<string, string>> Flatten(JsonElement parent, string prefix) =>
        parent.EnumerateObject().SelectMany(property => property.Value.ValueKind == JsonValueKind.Object
            ? Flatten(property.Value, $"{prefix}{property.Name}.")
            : [new($"{prefix}{property.Name}", Text(property.Value))]);

    static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.True => "yes",
        JsonValueKind.False => "no",
        JsonValueKind.Null => "\u2013",
        JsonValueKind.Array => string.Join(", ", value.EnumerateArray().Select(Text)),
        JsonValueKind.Number when value.TryGetInt64(out var whole) && Math.Abs(whole) >= 10_000 => whole.ToString("N0"),
        _ => value.GetRawText(),
    };

    static JsonDocument Parse(string path)
    {
        try
        {
            return JsonDocument.Parse(File.ReadAllText(path), Lenient);
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"{path}: line {exception.LineNumber + 1} is no valid JSON.", exception);
        }
    }
}
