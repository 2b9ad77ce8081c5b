using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace Electra.Corpus;

/// <summary>
/// Decompresses gzip (RFC 1952), any number of members, and checks length and CRC-32 of each.
/// <see cref="GZipStream"/> does neither: a truncated file reads to its end there without an error, and text would be lost.
/// </summary>
sealed class GzipReadStream(Stream file, string path) : ReadOnlyStream
{
    const byte HasHeaderChecksum = 2, HasExtraField = 4, HasName = 8, HasComment = 16;
    const int TrailerLength = 8;

    readonly ReplayableStream _source = new(file);
    readonly Crc32 _checksum = new();
    DeflateStream? _member;
    uint _memberLength;

    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty) return 0;
        while (_member is not null || TryOpenMember())
        {
            var count = Decompress(buffer);
            if (count > 0)
            {
                _checksum.Append(buffer[..count]);
                _memberLength += (uint)count;
                return count;
            }
            CloseMember();
        }
        return 0;
    }

    int Decompress(Span<byte> buffer)
    {
        try
        {
            return _member!.Read(buffer);
        }
        catch (InvalidDataException exception)
        {
            throw new InvalidDataException($"{path}: damaged gzip file.", exception);
        }
    }

    bool TryOpenMember()
    {
        var first = _source.ReadByte();
        // Tapes and some tools pad with zeros.
        while (first == 0) first = _source.ReadByte();
        if (first < 0) return false;
        if (first != 0x1f || _source.ReadByte() != 0x8b || Next() != 8) throw new InvalidDataException($"{path}: not a gzip file, or one with other bytes after its end.");

        var flags = Next();
        for (var i = 0; i < 6; i++) Next(); // time, extra flags, operating system
        if ((flags & HasExtraField) != 0)
            for (var left = Next() | (Next() << 8); left > 0; left--) Next();
        if ((flags & HasName) != 0)
            while (Next() != 0) { }
        if ((flags & HasComment) != 0)
            while (Next() != 0) { }
        if ((flags & HasHeaderChecksum) != 0) _ = (Next(), Next());

        _member = new DeflateStream(_source, CompressionMode.Decompress, leaveOpen: true);
        _checksum.Reset();
        _memberLength = 0;
        return true;
    }

    int Next() => _source.ReadByte() is >= 0 and var value ? value : throw Truncated();

    /// <summary>
    /// The decompressor has read past the member's end, by how much it does not say. What must follow is known, CRC-32 and length,
    /// so the end is where these eight bytes stand in what was read last.
    /// </summary>
    void CloseMember()
    {
        Span<byte> trailer = stackalloc byte[TrailerLength];
        BinaryPrimitives.WriteUInt32LittleEndian(trailer, _checksum.GetCurrentHashAsUInt32());
        BinaryPrimitives.WriteUInt32LittleEndian(trailer[4..], _memberLength);
        if (!_source.TrySkipPast(trailer)) throw Truncated();
        _member!.Dispose();
        _member = null;
    }

    InvalidDataException Truncated() => new($"{path}: truncated or damaged gzip file.");

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _member?.Dispose();
            file.Dispose();
        }
        base.Dispose(disposing);
    }

    /// <summary>Hands out small pieces and keeps the last one, so that reading can go on in its middle.</summary>
    sealed class ReplayableStream(Stream file) : ReadOnlyStream
    {
        const int PieceLength = 8192;

        readonly byte[] _buffer = new byte[1 << 16];
        int _pieceStart, _position, _end;

        public override int Read(Span<byte> buffer)
        {
            _pieceStart = _position;
            if (_position == _end) Fill(1);
            var count = Math.Min(Math.Min(buffer.Length, PieceLength), _end - _position);
            _buffer.AsSpan(_position, count).CopyTo(buffer);
            _position += count;
            return count;
        }

        /// <summary>Goes on after the first <paramref name="bytes"/> found at or after the start of the last piece.</summary>
        public bool TrySkipPast(ReadOnlySpan<byte> bytes)
        {
            Fill(bytes.Length);
            var length = Math.Min(_position + bytes.Length, _end) - _pieceStart;
            var index = _buffer.AsSpan(_pieceStart, length).IndexOf(bytes);
            if (index < 0) return false;
            _pieceStart = _position = _pieceStart + index + bytes.Length;
            return true;
        }

        /// <summary>Sees to it that <paramref name="wanted"/> bytes follow, where the file has them; the last piece stays.</summary>
        void Fill(int wanted)
        {
            if (_end - _position >= wanted) return;
            _buffer.AsSpan(_pieceStart, _end - _pieceStart).CopyTo(_buffer);
            (_position, _end, _pieceStart) = (_position - _pieceStart, _end - _pieceStart, 0);
            while (_end - _position < wanted && file.Read(_buffer.AsSpan(_end)) is > 0 and var count) _end += count;
        }
    }
}
