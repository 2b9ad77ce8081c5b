using System.IO.Compression;
using System.Text;

namespace Electra.Checkpoints;

/// <summary>A <c>pytorch_model.bin</c> as torch.save writes it since PyTorch 1.6: a zip archive with a pickle and one file for each storage.</summary>
public sealed class PyTorchArchive : ITensorSource
{
    /// <summary>Names and shapes only: a model of 400 tensors has 50 kB.</summary>
    const long MaxPickleBytes = 16 << 20;

    const int MaxEntries = 200_000;

    /// <summary>The pickle opcodes that torch.save began with before PyTorch 1.6: protocol 2 and its magic number.</summary>
    static ReadOnlySpan<byte> OldMagic => [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

    static ReadOnlySpan<byte> ZipMagic => "PK"u8;

    readonly ZipArchive _archive;
    readonly Dictionary<string, (PickledTensor View, ZipArchiveEntry Entry)> _views = new(StringComparer.Ordinal);
    (ZipArchiveEntry? Entry, Stream? Stream, long Position) _current;
    (StoredTensor? Tensor, byte[] Elements) _gathered = (null, []);

    PyTorchArchive(string path, ZipArchive archive)
    {
        (Path, _archive) = (path, archive);
        if (archive.Entries.Count > MaxEntries) throw Bad($"holds {archive.Entries.Count:N0} files, at most {MaxEntries:N0} are read");
        var entries = new Dictionary<string, ZipArchiveEntry>(StringComparer.Ordinal);
        foreach (var entry in archive.Entries)
            if (!entries.TryAdd(entry.FullName, entry)) throw Bad($"holds '{SafetensorsHeader.Shown(entry.FullName)}' twice");

        const string pickleName = "/data.pkl";
        var pickles = entries.Keys.Where(name => name.EndsWith(pickleName, StringComparison.Ordinal)).ToList();
        if (pickles is not [var pickle]) throw Bad("is a zip archive without the one data.pkl that torch.save writes");
        var folder = pickle[..^pickleName.Length];
        if (entries.TryGetValue($"{folder}/byteorder", out var order) && !ReadAll(order).AsSpan().SequenceEqual("little"u8))
            throw Bad("was written on a big-endian machine");

        var tensors = new List<StoredTensor>();
        var formats = new Dictionary<string, PickledStorage>(StringComparer.Ordinal);
        foreach (var (name, view) in PickleMachine.ReadTensors(path, ReadAll(entries[pickle])))
        {
            var storage = view.Storage;
            if (!formats.TryAdd(storage.Key, storage) && formats[storage.Key] != storage) throw Bad($"describes storage {SafetensorsHeader.Shown(storage.Key)} in two ways");
            if (!entries.TryGetValue($"{folder}/data/{storage.Key}", out var entry)) throw Bad($"lacks storage {SafetensorsHeader.Shown(storage.Key)}, which '{SafetensorsHeader.Shown(name)}' needs");
            CheckStored(entry);
            var size = storage.NumElements * TensorFormats.SizeOf(storage.Format);
            if (entry.Length != size) throw Bad($"holds {entry.Length:N0} bytes for storage {SafetensorsHeader.Shown(storage.Key)}, the pickle says {size:N0}");
            tensors.Add(new StoredTensor(name, storage.Format, view.Shape));
            _views.Add(name, (view, entry));
        }
        Tensors = tensors;
    }

    /// <summary>Opens an archive and checks its pickle; no tensor is read yet.</summary>
    /// <exception cref="InvalidDataException">It is no such archive, asks for something other than tensors, or is damaged.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static PyTorchArchive Open(string path)
    {
        var handle = TensorFiles.OpenForReading(path);
        var file = new FileStream(handle, FileAccess.Read);
        try
        {
            Span<byte> magic = stackalloc byte[OldMagic.Length];
            var read = RandomAccess.Read(handle, magic, 0);
            if (magic[..read].SequenceEqual(OldMagic))
                throw new InvalidDataException($"{path} is in the format that torch.save wrote before PyTorch 1.6. Load and save it once with a newer PyTorch, or save it as safetensors.");
            if (!magic[..read].StartsWith(ZipMagic))
                throw new InvalidDataException($"{path} is not an archive of torch.save (no zip file). Damaged, or not fetched?");
            return new PyTorchArchive(path, new ZipArchive(file, ZipArchiveMode.Read, leaveOpen: false, Encoding.UTF8));
        }
        catch (Exception exception) when (IsDamage(exception) && !exception.Message.StartsWith(path, StringComparison.Ordinal))
        {
            file.Dispose();
            throw Damaged(path, exception);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>All tensors, in the order of the dictionary.</summary>
    public IReadOnlyList<StoredTensor> Tensors { get; }

    /// <inheritdoc/>
    public void Read(StoredTensor tensor, long offset, Span<byte> destination)
    {
        var (view, entry) = _views[tensor.Name];
        var size = TensorFormats.SizeOf(tensor.Format);
        if (view.IsContiguous)
        {
            ReadEntry(entry, view.Offset * size + offset, destination);
            return;
        }
        if (_gathered.Tensor != tensor) _gathered = (tensor, Gather(tensor, view, entry));
        _gathered.Elements.AsSpan(checked((int)offset), destination.Length).CopyTo(destination);
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        _current.Stream?.Dispose();
        _archive.Dispose();
    }

    /// <summary>The elements of a transposed or sliced view, in row-major order.</summary>
    byte[] Gather(StoredTensor tensor, PickledTensor view, ZipArchiveEntry entry)
    {
        if (entry.Length > Array.MaxLength) throw Bad($"holds '{SafetensorsHeader.Shown(tensor.Name)}' as a view of more than 2 GB. Save it contiguous");
        var stored = new byte[entry.Length];
        ReadEntry(entry, 0, stored);
        var size = TensorFormats.SizeOf(tensor.Format);
        var elements = new byte[tensor.NumBytes];
        var index = new long[view.Shape.Length];
        for (var i = 0; i < elements.Length; i += size)
        {
            var source = view.Offset;
            for (var axis = 0; axis < index.Length; axis++) source += index[axis] * view.Strides[axis];
            stored.AsSpan((int)(source * size), size).CopyTo(elements.AsSpan(i));
            for (var axis = index.Length - 1; axis >= 0 && ++index[axis] == view.Shape[axis]; axis--) index[axis] = 0;
        }
        return elements;
    }

    void ReadEntry(ZipArchiveEntry entry, long offset, Span<byte> destination)
    {
        try
        {
            if (_current.Entry != entry || _current.Position > offset)
            {
                _current.Stream?.Dispose();
                _current = (entry, entry.Open(), 0);
            }
            var stream = _current.Stream!;                                               // set above
            Skip(stream, offset - _current.Position);
            stream.ReadExactly(destination);
        }
        catch (EndOfStreamException)
        {
            throw Bad($"ends inside '{SafetensorsHeader.Shown(entry.FullName)}'");
        }
        catch (Exception exception) when (IsDamage(exception))
        {
            throw Damaged(Path, exception);
        }
        _current.Position = offset + destination.Length;
    }

    static void Skip(Stream stream, long count)
    {
        if (stream.CanSeek)
        {
            stream.Seek(count, SeekOrigin.Current);
            return;
        }
        var scratch = new byte[Math.Min(count, 1 << 16)];
        for (; count > 0; count -= Math.Min(count, scratch.Length)) stream.ReadExactly(scratch.AsSpan(0, (int)Math.Min(count, scratch.Length)));
    }

    byte[] ReadAll(ZipArchiveEntry entry)
    {
        CheckStored(entry);
        if (entry.Length > MaxPickleBytes) throw Bad($"holds '{SafetensorsHeader.Shown(entry.FullName)}' of {entry.Length:N0} bytes, at most {MaxPickleBytes:N0} are read");
        var bytes = new byte[entry.Length];
        ReadEntry(entry, 0, bytes);
        return bytes;
    }

    /// <summary>torch.save compresses nothing, so a compressed file is not its work and might unpack to any size.</summary>
    void CheckStored(ZipArchiveEntry entry)
    {
        if (entry.CompressedLength != entry.Length) throw Bad($"compresses '{SafetensorsHeader.Shown(entry.FullName)}', which torch.save never does");
    }

    /// <summary>The zip reader reports damage by several exceptions, on opening and on reading alike; here they are one.</summary>
    static bool IsDamage(Exception exception) => exception is ArgumentException or NotSupportedException or OverflowException or IOException or InvalidDataException;

    static InvalidDataException Damaged(string path, Exception exception) => new($"{path}: the zip archive is damaged ({exception.Message}).", exception);

    InvalidDataException Bad(string what) => new($"{Path} {what}.");
}
