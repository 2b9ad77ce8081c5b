using System.Text.Json;
using Electra.Files;

namespace Electra.Checkpoints;

/// <summary>Tensors of several files in one directory, found through an index such as <c>model.safetensors.index.json</c>.</summary>
public sealed class ShardedTensors : ITensorSource
{
    const long MaxIndexBytes = 16 << 20;
    const int MaxShards = 1_000;
    const int MaxDepth = 8;

    readonly Dictionary<string, ITensorSource> _shards = new(StringComparer.Ordinal);
    readonly Dictionary<string, ITensorSource> _shardOf = new(StringComparer.Ordinal);

    ShardedTensors(string path) => Path = path;

    /// <summary>Opens the index and every file it names.</summary>
    /// <exception cref="InvalidDataException">The index or a file is damaged, or they contradict each other.</exception>
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
    public static ShardedTensors Open(string path)
    {
        var sharded = new ShardedTensors(path);
        try
        {
            sharded.OpenShards(ReadIndex(path));
            return sharded;
        }
        catch
        {
            sharded.Dispose();
            throw;
        }
    }

    /// <summary>The index.</summary>
    public string Path { get; }

    /// <summary>All tensors, file by file.</summary>
    public IReadOnlyList<StoredTensor> Tensors { get; private set; } = [];

    /// <inheritdoc/>
    public void Read(StoredTensor tensor, long offset, Span<byte> destination) => _shardOf[tensor.Name].Read(tensor, offset, destination);

    /// <summary>Closes the files.</summary>
    public void Dispose()
    {
        foreach (var shard in _shards.Values) shard.Dispose();
    }

    void OpenShards(Dictionary<string, string> fileOf)
    {
        var directory = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path))!;   // a file has one
        var files = fileOf.Values.Distinct().Order(StringComparer.Ordinal).ToList();
        if (files.Count > MaxShards) throw Bad($"names {files.Count:N0} files, at most {MaxShards:N0} are read");
        foreach (var file in files) CheckName(file);
        var tensors = new List<StoredTensor>();
        foreach (var file in files)
        {
            var shardPath = System.IO.Path.Combine(directory, file);
            ITensorSource shard = file.EndsWith(".bin", StringComparison.Ordinal) ? PyTorchArchive.Open(shardPath) : SafetensorsFile.Open(shardPath);
            _shards.Add(file, shard);
            foreach (var tensor in shard.Tensors)
            {
                if (!fileOf.TryGetValue(tensor.Name, out var expected)) throw Bad($"does not name '{SafetensorsHeader.Shown(tensor.Name)}', which {file} holds");
                if (expected != file) throw Bad($"places '{SafetensorsHeader.Shown(tensor.Name)}' in {expected}, {file} holds it");
                _shardOf.Add(tensor.Name, shard);
                tensors.Add(tensor);
            }
        }
        foreach (var (name, file) in fileOf)
            if (!_shardOf.ContainsKey(name)) throw Bad($"places '{SafetensorsHeader.Shown(name)}' in {file}, which does not hold it");
        Tensors = tensors;
    }

    /// <summary>A shard is a plain file beside the index: a path could lead anywhere, and an index could name itself.</summary>
    void CheckName(string file)
    {
        if (file.AsSpan().IndexOfAny("/\\\0:") >= 0 || file is "." or "..")
            throw Bad($"names the file '{SafetensorsHeader.Shown(file)}', which is not a plain file name");
        if (!file.EndsWith(".safetensors", StringComparison.Ordinal) && !file.EndsWith(".bin", StringComparison.Ordinal))
            throw Bad($"names the file '{SafetensorsHeader.Shown(file)}', which is neither .safetensors nor .bin");
    }

    static Dictionary<string, string> ReadIndex(string path)
    {
        var bytes = TensorFiles.ReadAll(path, MaxIndexBytes);
        try
        {
            using var json = JsonDocument.Parse(bytes, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = MaxDepth });
            if (json.RootElement.ValueKind != JsonValueKind.Object || !json.RootElement.TryGetProperty("weight_map", out var map) || map.ValueKind != JsonValueKind.Object)
                throw new InvalidDataException($"{path} has no weight_map from tensors to files.");
            var fileOf = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var entry in map.EnumerateObject())
            {
                if (entry.Value.ValueKind != JsonValueKind.String)
                    throw new InvalidDataException($"{path} places '{SafetensorsHeader.Shown(entry.Name)}' in something that is no file name.");
                fileOf.Add(entry.Name, entry.Value.GetString()!);
            }
            return fileOf.Count > 0 ? fileOf : throw new InvalidDataException($"{path} names no tensor.");
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException($"{path} is not valid JSON: {SafetensorsHeader.Shown(JsonFault.Of(exception))}.", exception);
        }
    }

    InvalidDataException Bad(string what) => new($"{Path} {what}.");
}
