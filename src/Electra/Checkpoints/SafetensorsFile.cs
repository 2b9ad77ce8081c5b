using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Electra.Checkpoints;

/// <summary>A safetensors file: 8 bytes of header length, a JSON header, raw data. Only the header is held in memory.</summary>
public sealed class SafetensorsFile : ITensorSource
{
    readonly SafeFileHandle _file;
    readonly Dictionary<string, long> _begins;

    SafetensorsFile(string path, SafeFileHandle file, SafetensorsHeader header, long dataStart)
    {
        (Path, _file, Metadata) = (path, file, header.Metadata);
        Tensors = [.. header.Entries.Select(entry => entry.Tensor)];
        _begins = header.Entries.ToDictionary(entry => entry.Tensor.Name, entry => dataStart + entry.Begin, StringComparer.Ordinal);
    }

    /// <summary>Opens a file and checks its header.</summary>
    /// <exception cref="InvalidDataException">It is no safetensors file, or a damaged one.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static SafetensorsFile Open(string path)
    {
        var file = TensorFiles.OpenForReading(path);
        try
        {
            var length = RandomAccess.GetLength(file);
            if (length < SafetensorsHeader.PrefixBytes)
                throw new InvalidDataException($"{path}: {length} bytes are no safetensors file. Cut off, or not fetched?");
            Span<byte> prefix = stackalloc byte[SafetensorsHeader.PrefixBytes];
            TensorFiles.ReadExactly(path, file, 0, prefix);
            var headerBytes = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
            var rest = (ulong)length - SafetensorsHeader.PrefixBytes;
            if (headerBytes > rest)
                throw new InvalidDataException($"{path}: the header claims {headerBytes:N0} bytes, the file has {rest:N0} after the length. Cut off, or not a safetensors file?");
            if (headerBytes > SafetensorsHeader.MaxHeaderBytes)
                throw new InvalidDataException($"{path}: the header claims {headerBytes:N0} bytes, at most {SafetensorsHeader.MaxHeaderBytes:N0} are read. Not a safetensors file?");

            var json = new byte[headerBytes];
            TensorFiles.ReadExactly(path, file, SafetensorsHeader.PrefixBytes, json);
            var dataStart = SafetensorsHeader.PrefixBytes + (long)headerBytes;
            return new SafetensorsFile(path, file, SafetensorsHeader.Parse(path, json, length - dataStart), dataStart);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>All tensors, in the order of their data.</summary>
    public IReadOnlyList<StoredTensor> Tensors { get; }

    /// <summary>Free text beside the tensors, such as <c>format</c>.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <inheritdoc/>
    public void Read(StoredTensor tensor, long offset, Span<byte> destination) =>
        TensorFiles.ReadExactly(Path, _file, _begins[tensor.Name] + offset, destination);

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file.Dispose();
}
