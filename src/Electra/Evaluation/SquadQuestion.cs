using System.Text.Json;

namespace Electra.Evaluation;

/// <summary>A question of a SQuAD file as scoring needs it.</summary>
/// <param name="Id">Unique in its file.</param>
/// <param name="Answers">Texts of the gold answers; empty if the passage holds none.</param>
public sealed record SquadQuestion(string Id, IReadOnlyList<string> Answers)
{
    /// <summary>False for SQuAD 2.0's unanswerable questions.</summary>
    public bool HasAnswer => Answers.Count > 0;

    /// <summary>Reads SQuAD JSON of version 1.1 or 2.0, told apart by the "version" and by "is_impossible".</summary>
    /// <exception cref="InvalidDataException">The file is not SQuAD JSON, an id stands twice, or there is no question.</exception>
    public static (IReadOnlyList<SquadQuestion> Questions, bool IsVersion2) Read(string path)
    {
        using var file = File.OpenRead(path);
        using var document = Parse(file, path);
        var root = document.RootElement;
        var isVersion2 = root.ValueKind == JsonValueKind.Object && root.TryGetProperty("version", out var version)
            && version.ValueKind == JsonValueKind.String && version.GetString()!.TrimStart('v').StartsWith('2');

        var questions = new List<SquadQuestion>();
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (article, atArticle) in Items(root, "data", "", path))
            foreach (var (paragraph, atParagraph) in Items(article, "paragraphs", atArticle, path))
                foreach (var (question, atQuestion) in Items(paragraph, "qas", atParagraph, path))
                {
                    var id = Text(question, "id", atQuestion, path);
                    if (!ids.Add(id))
                        throw new InvalidDataException($"{path}: {atQuestion}: the id '{id}' stands twice; ids must be unique.");
                    isVersion2 |= question.TryGetProperty("is_impossible", out _);
                    questions.Add(new SquadQuestion(id,
                        [.. Items(question, "answers", atQuestion, path).Select(answer => Text(answer.Item, "text", answer.Place, path))]));
                }
        if (questions.Count == 0) throw new InvalidDataException($"{path}: no questions; SQuAD JSON has them under data, paragraphs, qas.");
        return (questions, isVersion2);
    }

    static JsonDocument Parse(Stream file, string path)
    {
        try
        {
            return JsonDocument.Parse(file);
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException(
                $"{path}: line {exception.LineNumber + 1} is no valid JSON, at byte {exception.BytePositionInLine}.", exception);
        }
    }

    static IEnumerable<(JsonElement Item, string Place)> Items(JsonElement parent, string name, string place, string path)
    {
        var at = place.Length == 0 ? name : $"{place}.{name}";
        if (parent.ValueKind != JsonValueKind.Object || !parent.TryGetProperty(name, out var list) || list.ValueKind != JsonValueKind.Array)
            throw new InvalidDataException($"{path}: no list '{at}'; is this SQuAD JSON?");
        return list.EnumerateArray().Select((item, index) => (item, $"{at}[{index}]"));
    }

    static string Text(JsonElement parent, string name, string place, string path) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String
            ? text.GetString()!
            : throw new InvalidDataException($"{path}: {place} has no text '{name}'; is this SQuAD JSON?");
}
