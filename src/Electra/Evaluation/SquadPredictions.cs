using System.Text;
using System.Text.Json;

namespace Electra.Evaluation;

/// <summary>Reads SQuAD's prediction files: one JSON object, from question id to answer text or to the probability of no answer.</summary>
public static class SquadPredictions
{
    delegate bool ValueReader<T>(ref Utf8JsonReader reader, out T value);

    /// <summary>Answer texts by question id, in the file's order; an empty text says that there is no answer.</summary>
    /// <exception cref="InvalidDataException">The file is no such JSON, or an id stands twice.</exception>
    public static IReadOnlyList<KeyValuePair<string, string>> ReadAnswers(string path) =>
        Read<string>(path, "an answer's text", (ref reader, out value) =>
        {
            value = reader.TokenType == JsonTokenType.String ? reader.GetString()! : "";
            return reader.TokenType == JsonTokenType.String;
        });

    /// <summary>Scores of "no answer" by question id, in the file's order; any scale, larger means less likely answerable.</summary>
    /// <exception cref="InvalidDataException">The file is no such JSON, or an id stands twice.</exception>
    public static IReadOnlyList<KeyValuePair<string, double>> ReadNoAnswerScores(string path) =>
        Read<double>(path, "a number", (ref reader, out value) =>
        {
            value = 0;
            return reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out value);
        });

    static List<KeyValuePair<string, T>> Read<T>(string path, string expected, ValueReader<T> readValue)
    {
        var bytes = File.ReadAllBytes(path);
        var json = bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? bytes.AsSpan(Encoding.UTF8.Preamble.Length) : bytes;
        var entries = new List<KeyValuePair<string, T>>();
        var ids = new HashSet<string>(StringComparer.Ordinal);
        var reader = new Utf8JsonReader(json);
        try
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
                throw new InvalidDataException($"{path}: not a JSON object from question id to {expected}.");
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var id = reader.GetString()!;
                if (!ids.Add(id))
                    throw new InvalidDataException($"{path}: line {Line(json, reader)}: the id '{id}' stands twice; ids must be unique.");
                reader.Read();
                if (!readValue(ref reader, out var value))
                    throw new InvalidDataException($"{path}: line {Line(json, reader)}: the id '{id}' needs {expected}.");
                entries.Add(new(id, value));
            }
            reader.Read(); // nothing may follow the object
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException(
                $"{path}: line {exception.LineNumber + 1} is no valid JSON, at byte {exception.BytePositionInLine}.", exception);
        }
        return entries;
    }

    static int Line(ReadOnlySpan<byte> json, in Utf8JsonReader reader) => json[..(int)reader.TokenStartIndex].Count((byte)'\n') + 1;
}
