using System.Text.Json;
using Electra.Files;

namespace Electra.Tokenization;

/// <summary>A JSON object from a file, or one clear line why there is none.</summary>
static class JsonFile
{
    const long MaxBytes = 256L << 20; // the largest tokenizer.json in use has about 35 MB

    /// <exception cref="InvalidDataException">The file is empty, too large, no JSON or no object.</exception>
    public static JsonElement Read(string path)
    {
        var length = new FileInfo(path).Length;
        if (length is 0 or > MaxBytes)
            throw new InvalidDataException($"{path}: {(length == 0 ? "the file is empty" : $"{length:N0} bytes are more than the {MaxBytes:N0} that are read")}.");
        try
        {
            using var file = File.OpenRead(path);
            using var json = JsonDocument.Parse(file);
            return json.RootElement.ValueKind == JsonValueKind.Object
                ? json.RootElement.Clone()
                : throw new InvalidDataException($"{path}: a JSON object is expected, found {json.RootElement.ValueKind}.");
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"{path}: {JsonFault.Of(exception)}.", exception);
        }
    }
}
