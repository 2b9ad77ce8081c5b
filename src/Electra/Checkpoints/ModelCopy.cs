using Electra.Files;
using Electra.Model;
using Electra.Tokenization;

namespace Electra.Checkpoints;

/// <summary>
/// Brings a model directory into today's Hugging Face layout: names of today, one model.safetensors, every tokenizer file, a card.
/// Tensors are copied as they are stored, bit for bit, in pieces: a model larger than memory passes through.
/// </summary>
public static class ModelCopy
{
    /// <summary>What a fine-tuned model is for, and what predicting needs beside it: files of this program, which Hugging Face ignores.</summary>
    public const string TaskFile = "task.json", TaskSettingsFile = "task_model.json";

    static readonly string[] Parts = ["generator", "discriminator"];

    static readonly string[] TokenizerFileNames =
        ["vocab.txt", "vocab.json", "merges.txt", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json"];

    /// <summary>Copies a model, or a generator and a discriminator side by side.</summary>
    /// <param name="source">A model directory with weights in any published form, or a directory with <c>generator/</c> and <c>discriminator/</c>.</param>
    /// <param name="destination">Must not exist, or be empty; it appears complete or not at all.</param>
    /// <param name="format">Of the written weights; null keeps each tensor's own.</param>
    /// <param name="architecture">Which head to write; null keeps the directory's own.</param>
    /// <param name="cardOf">The card of a model directory. Where it is null or gives null, the source's README.md is kept, or one is written that records nothing.</param>
    /// <returns>A report for each model.</returns>
    /// <exception cref="InvalidDataException">The source is damaged or incomplete, or the destination is taken.</exception>
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
    public static IReadOnlyList<LoadReport> Run(
        string source, string destination, TensorFormat? format = null, Architecture? architecture = null, Func<string, ModelCard?>? cardOf = null)
    {
        if (File.Exists(destination) || (Directory.Exists(destination) && Directory.EnumerateFileSystemEntries(destination).Any()))
            throw new InvalidDataException($"{destination} is there already; choose another place or remove it.");
        string[] parts = File.Exists(Path.Combine(source, HuggingFaceConfig.FileName)) ? []
            : [.. Parts.Where(part => File.Exists(Path.Combine(source, part, HuggingFaceConfig.FileName)))];

        using var unfinished = new UnfinishedDirectory(destination);
        IReadOnlyList<LoadReport> reports = parts.Length == 0
            ? [Copy(source, unfinished.Path, format, architecture, cardOf)]
            : [.. parts.Select(part => Copy(Path.Combine(source, part), Path.Combine(unfinished.Path, part), format, architecture, cardOf))];
        unfinished.Finish();
        return reports;
    }

    static LoadReport Copy(string source, string destination, TensorFormat? format, Architecture? architecture, Func<string, ModelCard?>? cardOf)
    {
        using var tensors = TensorSources.Open(source);
        var config = ModelDirectory.ReadConfig(source, tensors, architecture, adjust: null);
        using var network = ModelDirectory.Declare(config.Network);
        var match = TensorMatch.Of(tensors, config.Network.Architecture, network.Parameters);
        var report = ModelDirectory.Report(source, tensors, config, match);

        Directory.CreateDirectory(destination);
        SafetensorsWriter.Write(Path.Combine(destination, TensorSources.SafetensorsName), Items(tensors, config.Network, match, format));
        (format is { } chosen ? config.WithFormat(chosen) : config).Save(destination);
        List<string> notes = [.. report.Notes, .. CopyTokenizer(source, destination, config.Network.Encoder.VocabSize)];
        var isOwnHead = architecture is null || architecture == ModelDirectory.ReadConfig(source, tensors, null, adjust: null).Network.Architecture;
        // With another head the directory is no model of the task any more.
        foreach (var name in (string[])[TaskFile, TaskSettingsFile])
            if (isOwnHead && File.Exists(Path.Combine(source, name))) CopyFile(Path.Combine(source, name), Path.Combine(destination, name));
        if (!isOwnHead && File.Exists(Path.Combine(source, TaskFile))) notes.Add($"its {TaskFile} is for another head and is not taken along");
        if (WriteCard(source, destination, network, isOwnHead, cardOf?.Invoke(source)) is { } note) notes.Add(note);
        return report with { Notes = notes };
    }

    static IEnumerable<SafetensorsWriter.Item> Items(ITensorSource tensors, NetworkConfig network, TensorMatch match, TensorFormat? format)
    {
        foreach (var (parameter, stored) in match.Found) yield return TensorTransfer.Item(parameter.Name, tensors, stored, format);
        // A file that holds copies of tied tensors keeps them, so that what goes in comes out; a copy that differs would say two things.
        foreach (var (name, copy, owner) in match.TiedCopies)
            if (TensorTransfer.AreEqual(tensors, copy, owner)) yield return TensorTransfer.Item(name, tensors, copy, format);
        foreach (var parameter in match.Fresh)
        {
            var shape = parameter.Value.shape;
            var values = new float[parameter.Value.numel()];
            WeightInitialization.Fill(parameter.Initializer, shape, network.Encoder.InitializerRange, seed: 0, parameter.Name, values);
            yield return TensorTransfer.Item(parameter.Name, values, shape, format ?? match.Found[0].Stored.Format);
        }
    }

    /// <summary>Writes every file a tokenizer has today; those the source has are taken as they are.</summary>
    static List<string> CopyTokenizer(string source, string destination, int vocabSize)
    {
        var present = TokenizerFileNames.Where(name => File.Exists(Path.Combine(source, name))).ToList();
        if (present.Count == 0) return ["there is no tokenizer beside the model"];
        List<string> notes = [];
        try
        {
            var tokenizer = TokenizerDirectory.Load(source);
            tokenizer.Save(destination);
            if (tokenizer.Vocabulary.Count > vocabSize)
                notes.Add($"the tokenizer has {tokenizer.Vocabulary.Count:N0} tokens, the word table {vocabSize:N0} rows: some ids have no vector");
        }
        catch (Exception exception) when (exception is InvalidDataException or FileNotFoundException)
        {
            notes.Add($"the tokenizer's files are copied unread ({exception.Message})");
        }
        foreach (var name in present) CopyFile(Path.Combine(source, name), Path.Combine(destination, name));
        return notes;
    }

    /// <summary>Keeps the card that is there, unless it describes another head. Returns what was not kept, or null.</summary>
    static string? WriteCard(string source, string destination, PretrainedNetwork network, bool isOwnHead, ModelCard? card)
    {
        var (from, to) = (Path.Combine(source, ModelCard.FileName), Path.Combine(destination, ModelCard.FileName));
        var isThere = card is null && File.Exists(from);
        if (isThere && isOwnHead)
        {
            CopyFile(from, to);
            return null;
        }
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(source)));
        card ??= new ModelCard(name, BaseModel: isOwnHead ? null : name);
        AtomicFile.WriteText(to, card.ToMarkdown(network.Config, network.NumParameters));
        return isThere ? $"its {ModelCard.FileName} describes another head and is not taken along" : null;
    }

    /// <summary>The content alone: a read-only source must not make a read-only copy.</summary>
    static void CopyFile(string from, string to)
    {
        using var file = File.OpenRead(from);
        AtomicFile.Write(to, file.CopyTo);
    }
}
