using System.Text.Json;

namespace Electra.FineTuning.Tasks;

/// <summary>Questions of SQuAD JSON, with their contexts. The file is read whole; places are counted by question.</summary>
static class SquadQuestions
{
    /// <summary>The questions of the articles in a share of the file.</summary>
    /// <param name="content">The file's content.</param>
    /// <param name="file">Its name in messages.</param>
    /// <param name="articles">Two numbers from 0 to 1, or null for all articles.</param>
    /// <exception cref="InvalidDataException">The file is not SQuAD JSON.</exception>
    public static IEnumerable<(SourceLine Source, string? Title, string? Context, JsonElement Question)> Read(
        Stream content, string file, IReadOnlyList<double>? articles, TaskReadingReport report)
    {
        using var document = Parse(content, file);
        var root = document.RootElement;
        if (JsonFields.Find(root, "data") is not { ValueKind: JsonValueKind.Array } data)
            throw new InvalidDataException($"{file}: no list 'data'; is this SQuAD JSON?");

        var numArticles = data.GetArrayLength();
        var (from, to) = articles is null ? (0, numArticles) : (Place(articles[0], numArticles), Place(articles[1], numArticles));
        var number = 0;
        var index = 0;
        foreach (var article in data.EnumerateArray())
        {
            var isTaken = index >= from && index < to;
            index++;
            var title = JsonFields.Text(article, "title");
            foreach (var paragraph in JsonFields.Items(article, "paragraphs"))
                foreach (var question in JsonFields.Items(paragraph, "qas"))
                {
                    number++;
                    if (!isTaken) continue;
                    report.NumRows++;
                    yield return (new SourceLine(file, number), title, JsonFields.Text(paragraph, "context"), question);
                }
        }
    }

    static int Place(double share, int count) => (int)Math.Round(share * count, MidpointRounding.AwayFromZero);

    static JsonDocument Parse(Stream content, string file)
    {
        try
        {
            return JsonDocument.Parse(content);
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"{file}: line {exception.LineNumber + 1} is no valid JSON, at byte {exception.BytePositionInLine}.", exception);
        }
    }
}
