using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Electra.FineTuning.Tasks;

namespace Electra.FineTuning;

/// <summary>A prediction as a line of JSON, or as the answer alone.</summary>
/// <param name="labels">Names of the classes.</param>
/// <param name="noAnswerThreshold">Question answering: null score above which there is no answer; null always answers.</param>
/// <param name="digits">Behind the point of a number in JSON, 15 at most; null writes all that it has.</param>
public sealed class PredictionText(IReadOnlyList<string> labels, double? noAnswerThreshold, int? digits = PredictionText.DigitsToRead)
{
    /// <summary>More than a float32 softmax is good for.</summary>
    const int DigitsToRead = 6;

    static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The answer alone, in one line: label, number, labels between commas, tags between blanks, or the answer's words; empty of a row
    /// without a prediction.</summary>
    public string Plain(TaskPrediction? prediction) => OneLine(prediction switch
    {
        ClassPrediction one => labels[one.Class],
        ValuePrediction number => number.Value.ToString("F3", CultureInfo.InvariantCulture),
        LabelSetPrediction set => string.Join(',', labels.Where((_, label) => set.Has(label))),
        TagPrediction tags => string.Join(' ', tags.Tags),
        AnswerPrediction answer => AnswerOf(answer),
        _ => "",
    });

    /// <summary>One object of a row: that of its example, or <c>line</c> and <c>error</c> where it is none.</summary>
    public string Json(InputRow row, TaskPrediction? prediction) => row.Example is { } example && prediction is not null
        ? Json(example, prediction)
        : Object(json =>
        {
            json.WriteNumber("line", row.Source.Line);
            json.WriteString("error", row.Fault);
        });

    /// <summary>One object: <c>id</c>, <c>line</c>, the answer and its probabilities.</summary>
    public string Json(TaskExample example, TaskPrediction prediction) => Object(json =>
    {
        json.WriteString("id", example.Id);
        json.WriteNumber("line", example.Source.Line);
        Write(json, example, prediction);
        if (prediction.IsTruncated) json.WriteBoolean("truncated", true);
    });

    static string Object(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Compact))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    void Write(Utf8JsonWriter json, TaskExample example, TaskPrediction prediction)
    {
        switch (prediction)
        {
            case ClassPrediction one:
                json.WriteString("label", labels[one.Class]);
                WriteNumber(json, "probability", one.Probabilities[one.Class]);
                WriteProbabilities(json, one.Probabilities);
                break;
            case ValuePrediction number:
                WriteNumber(json, "value", number.Value);
                break;
            case LabelSetPrediction set:
                json.WriteStartArray("labels");
                foreach (var label in labels.Where((_, label) => set.Has(label))) json.WriteStringValue(label);
                json.WriteEndArray();
                WriteProbabilities(json, set.Probabilities);
                break;
            case TagPrediction tags:
                json.WriteStartArray("words");
                foreach (var word in ((TaggedExample)example).Words) json.WriteStringValue(word);
                json.WriteEndArray();
                json.WriteStartArray("tags");
                foreach (var tag in tags.Tags) json.WriteStringValue(tag);
                json.WriteEndArray();
                break;
            case AnswerPrediction answer:
                var text = AnswerOf(answer);
                json.WriteString("answer", text);
                if (text.Length > 0)
                {
                    json.WriteNumber("start", answer.Best[0].Start);
                    WriteNumber(json, "probability", answer.Best[0].Probability);
                }
                WriteNumber(json, "null_score", answer.NullScore);
                break;
        }
    }

    string AnswerOf(AnswerPrediction answer) => noAnswerThreshold is { } threshold ? answer.At(threshold) : answer.Text;

    void WriteProbabilities(Utf8JsonWriter json, double[] probabilities)
    {
        json.WriteStartObject("probabilities");
        for (var label = 0; label < probabilities.Length; label++) WriteNumber(json, labels[label], probabilities[label]);
        json.WriteEndObject();
    }

    /// <summary>JSON has no NaN.</summary>
    void WriteNumber(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value)) json.WriteNumber(name, digits is { } rounded ? Math.Round(value, rounded) : value);
        else json.WriteNull(name);
    }

    /// <summary>Answers and labels may hold line ends; a line of output is one prediction.</summary>
    static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
