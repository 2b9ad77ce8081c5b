namespace Electra.Checkpoints;

/// <summary>Finds a model's weights in its directory, in whichever published form they are.</summary>
public static class TensorSources
{
    /// <summary>The name under which this library writes weights.</summary>
    public const string SafetensorsName = "model.safetensors";

    const string ArchiveName = "pytorch_model.bin", IndexSuffix = ".index.json";

    /// <summary>Opens, in this order: model.safetensors, its index of shards, pytorch_model.bin, its index of shards.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="InvalidDataException">What is there is damaged.</exception>
    public static ITensorSource Open(string directory)
    {
        if (File.Exists(directory)) throw new InvalidDataException($"{directory} is a file, a model directory is expected.");
        if (!Directory.Exists(directory)) throw new DirectoryNotFoundException($"{directory} does not exist.");
        string In(string name) => Path.Combine(directory, name);
        // Path.Exists also finds a directory of that name, which the reader then refuses.
        if (Path.Exists(In(SafetensorsName))) return SafetensorsFile.Open(In(SafetensorsName));
        if (Path.Exists(In(SafetensorsName + IndexSuffix))) return ShardedTensors.Open(In(SafetensorsName + IndexSuffix));
        if (Path.Exists(In(ArchiveName))) return PyTorchArchive.Open(In(ArchiveName));
        if (Path.Exists(In(ArchiveName + IndexSuffix))) return ShardedTensors.Open(In(ArchiveName + IndexSuffix));
        throw new FileNotFoundException($"{directory} holds neither {SafetensorsName} nor {ArchiveName}, nor an index of shards. Of a run, give RUN/model/discriminator or RUN/model/generator.");
    }
}
