using System.IO.Hashing;

namespace Electra.Corpus;

/// <summary>A file whose checksum is known when it is written: XXH128 over its bytes.</summary>
sealed class ChecksummedFile(string path) : IDisposable
{
    const int BufferBytes = 1 << 18;

    readonly FileStream _file = new(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
    readonly XxHash128 _checksum = new();
    readonly byte[] _buffer = new byte[BufferBytes];
    int _buffered;

    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > BufferBytes - _buffered)
        {
            var part = bytes[..(BufferBytes - _buffered)];
            part.CopyTo(_buffer.AsSpan(_buffered));
            _buffered = BufferBytes;
            Flush();
            bytes = bytes[part.Length..];
        }
        bytes.CopyTo(_buffer.AsSpan(_buffered));
        _buffered += bytes.Length;
    }

    /// <summary>Writes the rest, also out of the system's cache, and closes.</summary>
    public FileChecksum Finish()
    {
        Flush();
        _file.Flush(flushToDisk: true);
        var bytes = _file.Length;
        _file.Dispose();
        return new FileChecksum(Path.GetFileName(path), bytes, Convert.ToHexStringLower(_checksum.GetCurrentHash()));
    }

    /// <summary>Name, length and checksum of a file that is there already.</summary>
    /// <param name="path">The file.</param>
    /// <param name="name">What to call it.</param>
    public static FileChecksum Of(string path, string name)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.SequentialScan);
        var checksum = new XxHash128();
        checksum.Append(file);
        return new FileChecksum(name, file.Length, Convert.ToHexStringLower(checksum.GetCurrentHash()));
    }

    void Flush()
    {
        _checksum.Append(_buffer.AsSpan(0, _buffered));
        _file.Write(_buffer.AsSpan(0, _buffered));
        _buffered = 0;
    }

    public void Dispose() => _file.Dispose();
}
