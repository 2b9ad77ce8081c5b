using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Electra.Files;

namespace Electra.Training;

/// <summary>
/// Reads recipes: JSON with comments and trailing commas. Precedence: a record's defaults, then the file, then <c>--set section.key=value</c>.
/// An unknown key is refused by name with the nearest known one. A section of several kinds is the first of them unless it says which. An entry
/// of a dictionary that is null is left out.
/// </summary>
public static class RecipeFile
{
    const string SetOption = "--set";

    static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>Loads a recipe and applies overrides.</summary>
    /// <param name="path">The file.</param>
    /// <param name="type">Its source-generated type.</param>
    /// <param name="overrides">Each <c>section.key=value</c>.</param>
    /// <param name="option">What gave the overrides, for messages.</param>
    /// <exception cref="InvalidDataException">The file is no valid recipe.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static T Load<T>(string path, JsonTypeInfo<T> type, IEnumerable<string>? overrides = null, string option = SetOption) where T : class =>
        Parse(File.Exists(path) ? File.ReadAllText(path) : throw new FileNotFoundException($"{path}: no such recipe."), path, type, overrides, option);

    /// <summary>What messages call a recipe whose values do not go together: the file, and what was set over it.</summary>
    public static string NameOf(string path, IReadOnlyCollection<string> overrides, string option = SetOption) =>
        string.Join(' ', [path, .. overrides.Select((assignment, index) => $"{(index == 0 ? "with " : "")}{option} {assignment}")]);

    /// <summary>True if a file is a JSON object with that key: what tells recipes of one command from those of another.</summary>
    public static bool HasKey(string path, string key)
    {
        if (!File.Exists(path)) return false;
        try
        {
            return JsonNode.Parse(File.ReadAllText(path), documentOptions: Lenient) is JsonObject root && root.ContainsKey(key);
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException) // whoever reads it says what is wrong
        {
            return false;
        }
    }

    /// <summary>Reads a recipe from text; <paramref name="name"/> stands in messages.</summary>
    /// <exception cref="InvalidDataException">The text is no valid recipe.</exception>
    public static T Parse<T>(string json, string name, JsonTypeInfo<T> type, IEnumerable<string>? overrides = null, string option = SetOption) where T : class
    {
        var blame = new Blame(name, [.. overrides ?? []], option);
        try
        {
            var root = JsonNode.Parse(json, documentOptions: Lenient) as JsonObject
                ?? throw new InvalidDataException($"{name}: a recipe is a JSON object.");
            foreach (var assignment in blame.Overrides) Set(root, assignment, type, option);
            CheckKeys(root, type, blame, "");
            return root.Deserialize(type) ?? throw new InvalidDataException($"{name}: the recipe is empty.");
        }
        catch (JsonException exception)
        {
            // Of a value that cannot be taken the key and what it takes say most; of text that is no JSON, the place.
            throw new InvalidDataException(exception.Path is { Length: > 2 } path && JsonFault.IsValue(exception)
                ? $"{blame.For(path[2..])}: {Expected(type, path[2..].Split('.'))}."
                : $"{name}: {JsonFault.Of(exception)}.", exception);
        }
        catch (ArgumentException exception) when (exception.Message.Contains("same key", StringComparison.Ordinal))
        {
            throw new InvalidDataException($"{name}: {JsonFault.Of(exception)} in one section.", exception);
        }
    }

    static void Set(JsonObject root, string assignment, JsonTypeInfo type, string option)
    {
        var equals = assignment.IndexOf('=');
        if (equals < 1) throw new ArgumentException($"{option} {assignment}: expected section.key=value.");
        var path = assignment[..equals].Split('.');
        var section = root;
        var sectionType = type;
        for (var depth = 0; depth < path.Length - 1; depth++)
        {
            sectionType = TypeOf(sectionType, path[depth], $"{option} {assignment}");
            if (section[path[depth]] is not JsonObject next) section[path[depth]] = next = [];
            section = next;
            if (sectionType.PolymorphismOptions?.TypeDiscriminatorPropertyName != path[depth + 1]) sectionType = KindOf(section, sectionType, $"{option} {assignment}");
        }
        if (sectionType.PolymorphismOptions is null) TypeOf(sectionType, path[^1], $"{option} {assignment}");
        var value = ParseValue(assignment[(equals + 1)..]);
        if (value is null && sectionType.Kind == JsonTypeInfoKind.Dictionary && !section.ContainsKey(path[^1]))
            throw new InvalidDataException($"{option} {assignment}: there is no '{path[^1]}' to leave out; there are {string.Join(", ", section.Select(entry => entry.Key))}.");
        section[path[^1]] = value;
    }

    static JsonNode? ParseValue(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return JsonValue.Create(text);
        }
    }

    static void CheckKeys(JsonObject node, JsonTypeInfo type, Blame blame, string prefix)
    {
        var kind = KindOf(node, type, blame.For(prefix.TrimEnd('.')));
        if (type.Kind == JsonTypeInfoKind.Dictionary)
            foreach (var empty in node.Where(entry => entry.Value is null).Select(entry => entry.Key).ToList()) node.Remove(empty);
        foreach (var (key, value) in node)
        {
            if (key == type.PolymorphismOptions?.TypeDiscriminatorPropertyName) continue;
            var property = TypeOf(kind, key, blame.For($"{prefix}{key}"));
            if (value is JsonObject child && property.Kind is JsonTypeInfoKind.Object or JsonTypeInfoKind.Dictionary) CheckKeys(child, property, blame, $"{prefix}{key}.");
            if (value is not JsonArray children || property.ElementType is not { } element) continue;
            var elementType = type.Options.GetTypeInfo(element);
            for (var i = 0; i < children.Count; i++)
            {
                if (children[i] is JsonObject item) CheckKeys(item, elementType, blame, $"{prefix}{key}[{i}].");
                // The deserializer takes it, and whoever reads the list meets nothing.
                if (children[i] is null && elementType.Kind == JsonTypeInfoKind.Object)
                    throw new InvalidDataException($"{blame.For($"{prefix}{key}[{i}]")}: an object of keys and values is expected.");
            }
        }
        List<string> missing = [.. kind.Properties.Where(property => property.IsRequired && !node.ContainsKey(property.Name)).Select(property => prefix + property.Name)];
        if (missing.Count > 0) throw new InvalidDataException($"{blame.Name}: {string.Join(", ", missing)} {(missing.Count == 1 ? "is" : "are")} missing.");
    }

    /// <summary>The type that a section of several kinds says it is, written into it as its first key; the type itself where there is but one.</summary>
    static JsonTypeInfo KindOf(JsonObject node, JsonTypeInfo type, string context)
    {
        if (type.PolymorphismOptions is not { } options) return type;
        var key = options.TypeDiscriminatorPropertyName;
        var name = node[key]?.ToString() ?? (string)options.DerivedTypes[0].TypeDiscriminator!;   // all kinds have names
        var index = options.DerivedTypes.ToList().FindIndex(derived => name.Equals(derived.TypeDiscriminator));
        if (index < 0)
            throw new InvalidDataException($"{context}.{key}: '{name}' is unknown, use one of {string.Join(", ", options.DerivedTypes.Select(derived => derived.TypeDiscriminator))}.");
        node.Remove(key);
        node.Insert(0, key, name);
        return type.Options.GetTypeInfo(options.DerivedTypes[index].DerivedType);
    }

    static JsonTypeInfo TypeOf(JsonTypeInfo type, string key, string context)
    {
        if (type is { Kind: JsonTypeInfoKind.Dictionary, ElementType: { } element }) return type.Options.GetTypeInfo(element);
        if (type.Properties.Count == 0) throw new InvalidDataException($"{context}: there are no keys below a value. Expected section.key=value.");
        var property = type.Properties.FirstOrDefault(property => property.Name == key);
        if (property is not null) return type.Options.GetTypeInfo(property.PropertyType);
        var nearest = type.Properties.MinBy(property => EditDistance.Between(property.Name, key))?.Name;
        throw new InvalidDataException($"{context}: unknown key '{key}'. Did you mean '{nearest}'?");
    }

    /// <summary>What a key takes, for who gave it something else.</summary>
    static string Expected(JsonTypeInfo type, string[] path)
    {
        var readsOneOrMany = false;
        foreach (var key in path)
        {
            var kinds = type.PolymorphismOptions?.DerivedTypes.Select(derived => type.Options.GetTypeInfo(derived.DerivedType)) ?? [type];
            if (kinds.SelectMany(kind => kind.Properties).FirstOrDefault(property => property.Name == key) is not { } found) return "the value is of the wrong kind or out of range for this key";
            (type, readsOneOrMany) = (type.Options.GetTypeInfo(found.PropertyType), found.CustomConverter is not null);
        }
        if (readsOneOrMany && type.ElementType is { } element)
            return $"a {(element == typeof(double) ? "" : "whole ")}number or a list of {(element == typeof(double) ? "" : "whole ")}numbers is expected";
        var value = Nullable.GetUnderlyingType(type.Type) ?? type.Type;
        if (value.IsEnum)
            return $"one of {string.Join(", ", Enum.GetValuesAsUnderlyingType(value).Cast<object>().Select(each => JsonSerializer.SerializeToNode(Enum.ToObject(value, each), type)))} is expected";
        return Type.GetTypeCode(value) switch
        {
            TypeCode.Boolean => "true or false is expected",
            TypeCode.Double => "a number is expected",
            TypeCode.Int32 => $"a whole number up to {int.MaxValue:N0} is expected",
            TypeCode.Int64 => $"a whole number up to {long.MaxValue:N0} is expected",
            TypeCode.UInt64 => $"a whole number from 0 to {ulong.MaxValue:N0} is expected",
            TypeCode.String => "text is expected",
            _ => type.Kind switch
            {
                JsonTypeInfoKind.Enumerable => "a list is expected",
                JsonTypeInfoKind.None => "the value is of the wrong kind for this key", // a converter of its own reads it
                _ => "an object of keys and values is expected",
            },
        };
    }

    /// <summary>Who gave a value: the file, or what was set over it.</summary>
    sealed record Blame(string Name, string[] Overrides, string Option)
    {
        /// <summary>The source of a key's value, and the key where the source does not end in it.</summary>
        public string For(string path)
        {
            var assignment = Overrides.LastOrDefault(assignment => KeyOf(assignment) is var key && path.StartsWith(key, StringComparison.Ordinal)
                && (path.Length == key.Length || path[key.Length] is '.' or '['));
            if (assignment is null) return $"{Name}: {path}";
            return KeyOf(assignment) == path ? $"{Option} {assignment}" : $"{Option} {assignment}: {path}";
        }

        static string KeyOf(string assignment) => assignment[..assignment.IndexOf('=')]; // each was set, so it has one
    }
}
