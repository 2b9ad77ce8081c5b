using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;
using Electra.Files;

namespace Electra.Checkpoints;

/// <summary>Writes safetensors files: atomically, and the same bytes for the same tensors.</summary>
public static class SafetensorsWriter
{
    /// <summary>Hugging Face refuses a file that does not name its framework.</summary>
    public static IReadOnlyDictionary<string, string> PyTorchMetadata { get; } = new Dictionary<string, string> { ["format"] = "pt" };

    /// <summary>Data begins at a multiple of this many bytes.</summary>
    const int Alignment = 8;

    static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A tensor to write.</summary>
    /// <param name="Tensor">Name, format and shape.</param>
    /// <param name="WriteElements">Puts its elements on the stream, row-major and little-endian.</param>
    public sealed record Item(StoredTensor Tensor, Action<Stream> WriteElements);

    /// <summary>Creates or replaces <paramref name="path"/>. Tensors stand by element size, widest first, then by name, as Hugging Face writes them.</summary>
    /// <exception cref="ArgumentException">Two tensors have one name, or one wrote another number of bytes than its shape takes.</exception>
    public static void Write(string path, IEnumerable<Item> items, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var ordered = items.OrderByDescending(item => TensorFormats.SizeOf(item.Tensor.Format))
            .ThenBy(item => item.Tensor.Name, StringComparer.Ordinal).ToList();
        var header = Header([.. ordered.Select(item => item.Tensor)], metadata ?? PyTorchMetadata);
        AtomicFile.Write(path, file =>
        {
            Span<byte> length = stackalloc byte[SafetensorsHeader.PrefixBytes];
            BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
            file.Write(length);
            file.Write(header);
            foreach (var item in ordered)
            {
                var begin = file.Position;
                item.WriteElements(file);
                if (file.Position - begin != item.Tensor.NumBytes)
                    throw new ArgumentException($"{item.Tensor.Name} wrote {file.Position - begin:N0} bytes, its shape takes {item.Tensor.NumBytes:N0}.");
            }
        });
    }

    static byte[] Header(IReadOnlyList<StoredTensor> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Compact))
        {
            json.WriteStartObject();
            if (metadata.Count > 0)
            {
                json.WriteStartObject(SafetensorsHeader.MetadataName);
                foreach (var (name, value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal)) json.WriteString(name, value);
                json.WriteEndObject();
            }
            long position = 0;
            foreach (var tensor in tensors)
            {
                if (!names.Add(tensor.Name)) throw new ArgumentException($"Two tensors are named {tensor.Name}.");
                json.WriteStartObject(tensor.Name);
                json.WriteString("dtype", TensorFormats.SafetensorsName(tensor.Format));
                json.WriteStartArray("shape");
                foreach (var size in tensor.Shape) json.WriteNumberValue(size);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(position);
                json.WriteNumberValue(position += tensor.NumBytes);
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        while ((SafetensorsHeader.PrefixBytes + buffer.Length) % Alignment != 0) buffer.Write(" "u8);
        return buffer.ToArray();
    }
}
