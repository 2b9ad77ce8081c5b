using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Electra.Files;
using Electra.Model;

namespace Electra.Checkpoints;

/// <summary>A model's config.json: what this library reads of it, and every other key as it stands, so that nothing is lost on the way out.</summary>
public sealed class HuggingFaceConfig
{
    /// <summary>Its name in a model directory.</summary>
    public const string FileName = "config.json";

    /// <summary>Transformers 5 writes the first and reads both, older versions know the second alone.</summary>
    const string FormatKey = "dtype", OlderFormatKey = "torch_dtype";

    const long MaxBytes = 16 << 20;
    const int MaxDepth = 32;

    // Readable text in the file: it is never embedded in HTML.
    static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    readonly JsonObject _json;

    HuggingFaceConfig(NetworkConfig network, JsonObject json, IReadOnlyList<string> filledDefaults, IReadOnlyList<string> notes) =>
        (Network, _json, FilledDefaults, Notes) = (network, json, filledDefaults, notes);

    /// <summary>The configuration of a network made here.</summary>
    public HuggingFaceConfig(NetworkConfig network)
    {
        (Network, FilledDefaults, Notes) = (network, [], []);
        _json = new JsonObject { ["architectures"] = null, ["model_type"] = null };
        foreach (var (key, value) in ConfigDefaults.Of(network.Architecture.Family)) _json[key] = value?.DeepClone();
        ConfigFields.Write(_json, network);
    }

    /// <summary>Family, head and sizes.</summary>
    public NetworkConfig Network { get; }

    /// <summary>Keys that the file lacked.</summary>
    public IReadOnlyList<string> FilledDefaults { get; }

    /// <summary>What else was set right, one sentence each.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>Reads a config.json. Missing keys take the documented defaults; a missing family or architecture is read off the tensors' names.</summary>
    /// <param name="path">The file.</param>
    /// <param name="tensorNames">Names of the model's tensors.</param>
    /// <exception cref="InvalidDataException">A key is ill-typed, impossible, or asks for something this library does not build.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static HuggingFaceConfig Read(string path, IEnumerable<string> tensorNames)
    {
        var bytes = TensorFiles.ReadAll(path, MaxBytes);
        JsonObject? json;
        try
        {
            CheckText(bytes);
            json = JsonNode.Parse(bytes, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = MaxDepth }) as JsonObject;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException)
        {
            throw new InvalidDataException($"{path} is not valid JSON: {SafetensorsHeader.Shown(JsonFault.Of(exception))}.", exception);
        }
        if (json is null) throw new InvalidDataException($"{path} is not a JSON object.");
        return Parse(path, json, tensorNames.ToHashSet(StringComparer.Ordinal));
    }

    /// <summary>Text is decoded when first asked for, which is too late to say whose it is: bad bytes and half surrogates are found here.</summary>
    static void CheckText(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        while (reader.Read())
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName) _ = reader.GetString();
    }

    static HuggingFaceConfig Parse(string path, JsonObject json, HashSet<string> tensorNames)
    {
        var fields = new ConfigFields(path, json);
        var notes = new List<string>();
        var family = fields.Family(tensorNames);
        var architecture = fields.Architecture(family, tensorNames, notes);

        var filled = new List<string>();
        foreach (var (key, value) in ConfigDefaults.Of(family))
            if (json.TryAdd(key, value?.DeepClone())) filled.Add(key);
        var network = fields.Network(architecture);
        ConfigFields.Write(json, network);
        return new HuggingFaceConfig(network, json, filled, notes);
    }

    /// <summary>The same file for another network: the keys that differ are changed, the rest stands.</summary>
    public HuggingFaceConfig With(NetworkConfig network)
    {
        var json = _json.DeepClone().AsObject();
        ConfigFields.Write(json, network);
        return new HuggingFaceConfig(network, json, FilledDefaults, Notes);
    }

    /// <summary>The same file, naming the format its weights are stored in; float32 needs naming only where another stood.</summary>
    public HuggingFaceConfig WithFormat(TensorFormat format)
    {
        var json = _json.DeepClone().AsObject();
        var key = json.ContainsKey(FormatKey) ? FormatKey : OlderFormatKey;
        if (json[key] is not null || format != TensorFormat.Float32) json[key] = TensorFormats.HuggingFaceName(format);
        return new HuggingFaceConfig(Network, json, FilledDefaults, Notes);
    }

    /// <summary>Writes <c>config.json</c> into a directory.</summary>
    public void Save(string directory) => AtomicFile.WriteText(Path.Combine(directory, FileName), ToJson() + "\n");

    /// <summary>The file's text.</summary>
    public string ToJson() => _json.ToJsonString(Readable);
}
