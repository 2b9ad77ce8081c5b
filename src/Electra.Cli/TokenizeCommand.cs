using System.CommandLine;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Electra.Files;
using Electra.Tokenization;

namespace Electra.Cli;

/// <summary>electra tokenize: lines of text, or of JSON with a text, to ids, tokens and offsets.</summary>
static class TokenizeCommand
{
    const string Input = "standard input";

    public static Command Create()
    {
        var tokenizer = new Option<string>("--tokenizer") { Description = "Tokenizer directory.", Required = true };
        var jsonl = new Option<bool>("--jsonl") { Description = "Input lines are JSON objects with a \"text\"." };
        var noSpecial = new Option<bool>("--no-special") { Description = "Leave out the special tokens at both ends." };
        var command = new Command("tokenize", "Read text lines from standard input and write one JSON line each: ids, tokens, offsets (UTF-16).")
        {
            tokenizer, jsonl, noSpecial,
        };
        command.SetAction(arguments =>
        {
            using var output = StandardOutput.Open();
            Run(TokenizerDirectory.Load(arguments.GetRequiredValue(tokenizer)), Console.OpenStandardInput(), output,
                arguments.GetValue(jsonl), withSpecial: !arguments.GetValue(noSpecial));
            return ExitCodes.Success;
        });
        return command;
    }

    internal static void Run(ITokenizer tokenizer, Stream input, Stream output, bool jsonl, bool withSpecial)
    {
        using var writer = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        var number = 0L;
        foreach (var line in TextLines.Read(input, Input))
        {
            number++;
            var text = jsonl ? TextOf(line, number) : Encoding.UTF8.GetString(line.Span);
            Write(writer, tokenizer, tokenizer.EncodeWithOffsets(text), withSpecial);
            writer.Flush();
            output.WriteByte((byte)'\n');
            writer.Reset();
        }
    }

    static void Write(Utf8JsonWriter writer, ITokenizer tokenizer, TokenizedText text, bool withSpecial)
    {
        var special = tokenizer.SpecialTokens;
        List<int> ids = withSpecial ? [special.Start, .. text.Ids, special.Separator] : [.. text.Ids];
        List<(int Start, int End)> offsets = withSpecial ? [(0, 0), .. text.Offsets, (0, 0)] : [.. text.Offsets];

        writer.WriteStartObject();
        writer.WriteStartArray("ids");
        foreach (var id in ids) writer.WriteNumberValue(id);
        writer.WriteEndArray();
        writer.WriteStartArray("tokens");
        foreach (var id in ids) writer.WriteStringValue(tokenizer.Vocabulary[id]);
        writer.WriteEndArray();
        writer.WriteStartArray("offsets");
        foreach (var (start, end) in offsets)
        {
            writer.WriteStartArray();
            writer.WriteNumberValue(start);
            writer.WriteNumberValue(end);
            writer.WriteEndArray();
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    static string TextOf(ReadOnlyMemory<byte> line, long number)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            if (json.RootElement.ValueKind == JsonValueKind.Object
                && json.RootElement.TryGetProperty("text", out var text)
                && text.ValueKind == JsonValueKind.String) return text.GetString()!; // a string is not null
            throw new InvalidDataException($"{Input}, line {number:N0}: a JSON object with a string \"text\" is expected.");
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException) // the second: half a surrogate pair
        {
            throw new InvalidDataException($"{Input}, line {number:N0}: {JsonFault.Of(exception).Replace(" at line 1,", " at")}.", exception);
        }
    }
}
