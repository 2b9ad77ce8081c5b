using System.Text.Json;
using System.Text.Json.Nodes;
using Electra.Files;
using Electra.Model;
using Electra.Numerics;
using Electra.Tokenization;
using static TorchSharp.torch;

namespace Electra.Checkpoints;

/// <summary>Model directories in Hugging Face's layout: config.json, model.safetensors, tokenizer files, README.md.</summary>
public static class ModelDirectory
{
    static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    static readonly Device Meta = new(TorchSharp.DeviceType.META);

    /// <summary>Reads a model.</summary>
    /// <param name="directory">In Hugging Face's layout, with weights in any published form.</param>
    /// <param name="architecture">Which head to put on the encoder; null takes the directory's own. A head the file lacks begins fresh.</param>
    /// <param name="precision">Of all matrix products.</param>
    /// <param name="device">Where it shall live; null is the CPU.</param>
    /// <param name="adjust">Changes the configuration before the network is built, such as labels and dropout for fine-tuning.</param>
    /// <param name="seed">Of tensors that begin fresh.</param>
    /// <exception cref="InvalidDataException">A file is damaged, a shape does not fit, or a tensor of the encoder is missing.</exception>
    /// <exception cref="FileNotFoundException">config.json or the weights are missing.</exception>
    public static LoadedModel Load(
        string directory, Architecture? architecture = null, Precision precision = Precision.Float32, Device? device = null,
        Func<NetworkConfig, NetworkConfig>? adjust = null, ulong seed = 0)
    {
        using var source = TensorSources.Open(directory);
        var config = ReadConfig(directory, source, architecture, adjust);
        // Shapes are checked on a network without memory, so that a damaged configuration cannot ask for any amount of it.
        using (var shapes = Declare(config.Network)) _ = TensorMatch.Of(source, config.Network.Architecture, shapes.Parameters);

        var network = new PretrainedNetwork(config.Network, precision, device);
        try
        {
            return new LoadedModel(network, config, Fill(directory, source, config, network.Parameters, seed));
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>Reads weights into parameters declared elsewhere, such as a generator on a discriminator's tables.</summary>
    /// <param name="directory">In Hugging Face's layout.</param>
    /// <param name="architecture">Whose names the parameters have.</param>
    /// <param name="parameters">Filled in place, on whatever device they are.</param>
    /// <param name="seed">Of head tensors that the directory lacks.</param>
    /// <exception cref="InvalidDataException">A file is damaged, a shape does not fit, or a tensor of the encoder is missing.</exception>
    /// <exception cref="FileNotFoundException">config.json or the weights are missing.</exception>
    public static LoadReport LoadInto(string directory, Architecture architecture, IReadOnlyList<NamedParameter> parameters, ulong seed = 0)
    {
        using var source = TensorSources.Open(directory);
        return Fill(directory, source, ReadConfig(directory, source, architecture, null), parameters, seed);
    }

    /// <summary>Compares the weights' header with the configuration, before a damaged one can ask for any amount of memory.</summary>
    /// <exception cref="InvalidDataException">A file is damaged, a shape does not fit, or a tensor of the encoder is missing.</exception>
    /// <exception cref="FileNotFoundException">config.json or the weights are missing.</exception>
    public static void CheckShapes(string directory)
    {
        using var source = TensorSources.Open(directory);
        var network = ReadConfig(directory, source, null, null).Network;
        using var shapes = Declare(network);
        _ = TensorMatch.Of(source, network.Architecture, shapes.Parameters);
    }

    /// <summary>Reads the configuration alone; the weights' header is read for names that config.json lacks.</summary>
    /// <exception cref="InvalidDataException">A file is damaged or asks for something this library does not build.</exception>
    /// <exception cref="FileNotFoundException">config.json or the weights are missing.</exception>
    public static HuggingFaceConfig ReadConfig(string directory)
    {
        using var source = TensorSources.Open(directory);
        return ReadConfig(directory, source, null, null);
    }

    /// <summary>Writes a model; the directory is created, files in it are replaced.</summary>
    /// <param name="directory">Where.</param>
    /// <param name="config">Its config.json; <c>new HuggingFaceConfig(network)</c> for a model made here.</param>
    /// <param name="parameters">Its weights under Hugging Face's names. Copies of tied tensors are left out, as Hugging Face does.</param>
    /// <param name="tokenizer">Null writes no tokenizer files.</param>
    /// <param name="card">Null writes no README.md.</param>
    /// <param name="format">Of the stored weights: float32, float16 or bfloat16.</param>
    public static void Save(
        string directory, HuggingFaceConfig config, IReadOnlyList<NamedParameter> parameters, ITokenizer? tokenizer = null,
        ModelCard? card = null, TensorFormat format = TensorFormat.Float32)
    {
        Directory.CreateDirectory(directory);
        SafetensorsWriter.Write(Path.Combine(directory, TensorSources.SafetensorsName),
            parameters.Select(parameter => TensorTransfer.Item(parameter.Name, parameter.Value, format)));
        if (tokenizer is not null) SaveTokenizer(directory, tokenizer, config.Network.Encoder.MaxLength);
        if (card is not null)
            AtomicFile.WriteText(Path.Combine(directory, ModelCard.FileName), card.ToMarkdown(config.Network, parameters.Sum(parameter => parameter.Value.numel())));
        config.WithFormat(format).Save(directory);
    }

    /// <summary>Writes a network read by <see cref="Load"/>.</summary>
    public static void Save(string directory, LoadedModel model, ITokenizer? tokenizer = null, ModelCard? card = null, TensorFormat format = TensorFormat.Float32) =>
        Save(directory, model.Config, model.Network.Parameters, tokenizer, card, format);

    /// <summary>The tokenizer's files; who truncates by them must not exceed the position table.</summary>
    static void SaveTokenizer(string directory, ITokenizer tokenizer, int maxLength)
    {
        tokenizer.Save(directory);
        var path = Path.Combine(directory, "tokenizer_config.json");
        if (JsonNode.Parse(File.ReadAllBytes(path)) is not JsonObject settings) return;
        settings["model_max_length"] = maxLength;
        AtomicFile.WriteText(path, settings.ToJsonString(Readable) + "\n");
    }

    internal static HuggingFaceConfig ReadConfig(string directory, ITensorSource source, Architecture? architecture, Func<NetworkConfig, NetworkConfig>? adjust)
    {
        var path = Path.Combine(directory, HuggingFaceConfig.FileName);
        var config = HuggingFaceConfig.Read(path, source.Tensors.Select(tensor => tensor.Name));
        var network = config.Network;
        if (architecture is not null)
        {
            if (architecture.Family != network.Architecture.Family)
                throw new InvalidDataException($"{path} describes {network.Architecture}, {architecture} is of another family.");
            network = network with { Architecture = architecture };
        }
        if (adjust is not null) network = adjust(network);
        return network == config.Network ? config : config.With(network);
    }

    /// <summary>The network of a configuration by names and shapes, in no memory to speak of.</summary>
    internal static PretrainedNetwork Declare(NetworkConfig config) => new(config, device: Meta);

    static LoadReport Fill(string directory, ITensorSource source, HuggingFaceConfig config, IReadOnlyList<NamedParameter> parameters, ulong seed)
    {
        var match = TensorMatch.Of(source, config.Network.Architecture, parameters);
        foreach (var (parameter, stored) in match.Found)
        {
            TensorTransfer.Read(source, stored, parameter.Value);
            if (!TensorMemory.IsFinite(parameter.Value))
                throw new InvalidDataException($"{directory}: {stored.Name} holds values that are no finite numbers. The file is damaged, or the training that made it diverged.");
        }
        foreach (var parameter in match.Fresh) parameter.Initialize(seed, config.Network.Encoder.InitializerRange);
        return Report(directory, source, config, match);
    }

    internal static LoadReport Report(string directory, ITensorSource source, HuggingFaceConfig config, TensorMatch match)
    {
        var notes = config.Notes.Concat(match.Notes).ToList();
        foreach (var (name, copy, owner) in match.TiedCopies)
            if (!TensorTransfer.AreEqual(source, copy, owner)) notes.Add($"{name} differs from {owner.Name}, to which it is tied; the latter is taken");
        return new LoadReport(directory, config.FilledDefaults, [.. match.Fresh.Select(parameter => parameter.Name)], [.. match.Surplus.Select(tensor => tensor.Name)], notes);
    }
}
