using System.Text.Encodings.Web;
using System.Text.Json;
using Electra.Files;

namespace Electra.FineTuning.Tasks;

/// <summary>Answers in the files of SQuAD's official scripts.</summary>
public static class SquadFiles
{
    /// <summary>Names of the files: answers, null scores, and the best answers of each question.</summary>
    public const string Predictions = "predictions.json", NullOdds = "null_odds.json", Best = "nbest_predictions.json";

    static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, Indented = true };

    /// <summary>Writes the three files into <paramref name="directory"/>, which is created where it is missing.</summary>
    /// <param name="predictions">Of <see cref="TaskDecoder"/>.</param>
    /// <param name="noAnswerThreshold">Null score above which the answer is empty; null always answers. The null scores are written as
    /// they are, for the threshold search of the official script.</param>
    public static void Write(string directory, IEnumerable<AnswerPrediction> predictions, double? noAnswerThreshold)
    {
        List<AnswerPrediction> all = [.. predictions];
        Directory.CreateDirectory(directory);
        WriteObject(Path.Combine(directory, Predictions), all, (json, answer) =>
            json.WriteString(answer.Id, noAnswerThreshold is { } threshold ? answer.At(threshold) : answer.Text));
        WriteObject(Path.Combine(directory, NullOdds), all, (json, answer) => WriteNumber(json, answer.Id, answer.NullScore));
        WriteObject(Path.Combine(directory, Best), all, WriteBest);
    }

    static void WriteBest(Utf8JsonWriter json, AnswerPrediction answer)
    {
        json.WriteStartArray(answer.Id);
        foreach (var candidate in answer.Best)
        {
            json.WriteStartObject();
            json.WriteString("text", candidate.Text);
            json.WriteNumber("start", candidate.Start);
            WriteNumber(json, "score", candidate.Score);
            WriteNumber(json, "probability", candidate.Probability);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    /// <summary>JSON has no NaN, which a model that diverged says.</summary>
    static void WriteNumber(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value)) json.WriteNumber(name, value);
        else json.WriteNull(name);
    }

    static void WriteObject(string path, List<AnswerPrediction> predictions, Action<Utf8JsonWriter, AnswerPrediction> write) =>
        AtomicFile.Write(path, file =>
        {
            using var json = new Utf8JsonWriter(file, Readable);
            json.WriteStartObject();
            foreach (var prediction in predictions) write(json, prediction);
            json.WriteEndObject();
        });
}
