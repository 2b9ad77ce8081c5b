using System.Buffers.Binary;
using System.Text;
using Electra.Checkpoints;

namespace Electra.Tests.Checkpoints;

/// <summary>Small files for the tests, good and bad.</summary>
static class StoredFiles
{
    /// <summary>A safetensors file of any header over any data.</summary>
    public static byte[] Safetensors(string header, int dataBytes)
    {
        var json = Encoding.UTF8.GetBytes(header);
        var file = new byte[8 + json.Length + dataBytes];
        BinaryPrimitives.WriteInt64LittleEndian(file, json.Length);
        json.CopyTo(file, 8);
        return file;
    }

    /// <summary>Every tensor of a source with its format, shape and bits.</summary>
    public static SortedDictionary<string, string> Content(ITensorSource source)
    {
        var content = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var tensor in source.Tensors)
        {
            var bytes = new byte[tensor.NumBytes];
            source.Read(tensor, 0, bytes);
            content[tensor.Name] = $"{tensor.Format} {tensor.ShapeText} {Convert.ToHexString(System.IO.Hashing.XxHash128.Hash(bytes))}";
        }
        return content;
    }

    /// <summary>The same of a model directory.</summary>
    public static SortedDictionary<string, string> Content(string directory)
    {
        using var source = TensorSources.Open(directory);
        return Content(source);
    }

    /// <summary>Copies a directory's files, writable.</summary>
    public static string Copy(string source, string destination)
    {
        Directory.CreateDirectory(destination);
        foreach (var file in Directory.GetFiles(source)) File.WriteAllBytes(Path.Combine(destination, Path.GetFileName(file)), File.ReadAllBytes(file));
        return destination;
    }

    /// <summary>Writes the tensors of a model directory anew, under other names or without some.</summary>
    /// <param name="directory">Changed in place.</param>
    /// <param name="rename">The new name of each tensor; null leaves it out.</param>
    /// <param name="format">Null keeps the stored one.</param>
    public static void Rewrite(string directory, Func<string, string?> rename, TensorFormat? format = null)
    {
        var path = Path.Combine(directory, TensorSources.SafetensorsName);
        var old = Path.Combine(directory, "old");
        File.Move(path, old, overwrite: true);
        using (var source = SafetensorsFile.Open(old))
            SafetensorsWriter.Write(path, source.Tensors.Where(tensor => rename(tensor.Name) is not null)
                .Select(tensor => TensorTransfer.Item(rename(tensor.Name)!, source, tensor, format)));
        File.Delete(old);
    }
}
