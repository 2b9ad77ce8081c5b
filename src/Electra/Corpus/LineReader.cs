using System.Buffers;

namespace Electra.Corpus;

/// <summary>Lines of a stream of UTF-8 bytes, in flat memory whatever their length.</summary>
/// <param name="content">What to read.</param>
/// <param name="path">The file's name for messages.</param>
/// <param name="report">Counts bytes, byte order marks and divided lines.</param>
sealed class LineReader(Stream content, string path, ReadingReport report) : IDisposable
{
    /// <summary>Grows for long lines; until then what was just decompressed is read out of the processor's cache.</summary>
    const int InitialBufferBytes = 1 << 18;
    const int SampleBytes = 1 << 16;

    /// <summary>A file is refused if more than this share of its first bytes is no text. Text in Latin-1 has a few per cent.</summary>
    const double MaxShareOfNoText = 0.3;

    /// <summary>So few bytes of a pipe, which may be a word in another encoding, do not tell.</summary>
    const int FewestBytesOfPipe = 64;

    byte[] _buffer = ArrayPool<byte>.Shared.Rent(InitialBufferBytes);
    int _start, _end;
    bool _isAtEnd, _hasStarted, _isInsideLine;

    /// <summary>Number of the line read last, from 1.</summary>
    public long LineNumber { get; private set; }

    /// <summary>The next line, or a piece of at most 1 MiB of it; valid until the next call.</summary>
    /// <param name="endsLine">False if the line goes on in the next piece.</param>
    /// <param name="startsLine">False if the piece continues a line.</param>
    public bool TryReadPiece(out ReadOnlyMemory<byte> piece, out bool startsLine, out bool endsLine)
    {
        Start();
        var (found, length) = FindNewline(LineDivision.MaxPieceBytes);
        startsLine = !_isInsideLine;
        endsLine = true;
        piece = default;
        if (length == 0 && !found && _isAtEnd) return false;

        if (length > LineDivision.MaxPieceBytes || (!found && !_isAtEnd))
        {
            length = LineDivision.FirstPiece(_buffer.AsSpan(_start, _end - _start), LineDivision.MaxPieceBytes);
            (found, endsLine) = (false, false);
            if (startsLine) report.DividedLines++;
        }
        piece = _buffer.AsMemory(_start, length);
        if (endsLine) piece = piece[..LineDivision.TrimCarriageReturn(piece.Span)];
        _start += length + (found ? 1 : 0);
        _isInsideLine = !endsLine;
        if (startsLine) LineNumber++;
        return true;
    }

    /// <summary>The next whole line; valid until the next call.</summary>
    /// <exception cref="InvalidDataException">The line is longer than <paramref name="maxBytes"/>.</exception>
    public bool TryReadLine(int maxBytes, out ReadOnlyMemory<byte> line)
    {
        Start();
        var (found, length) = FindNewline(maxBytes);
        line = default;
        if (length == 0 && !found && _isAtEnd) return false;
        LineNumber++;
        if (length > maxBytes || (!found && !_isAtEnd))
            throw new InvalidDataException($"{path}:{LineNumber}: a line of more than {maxBytes >> 20} MiB; store texts of this size as .txt, where lines may have any length.");
        line = _buffer.AsMemory(_start, length);
        line = line[..LineDivision.TrimCarriageReturn(line.Span)];
        _start += length + (found ? 1 : 0);
        return true;
    }

    /// <summary>Bytes up to the next line end, or as many as are there if it comes after more than <paramref name="maxBytes"/>.</summary>
    (bool Found, int Length) FindNewline(int maxBytes)
    {
        var scanned = 0;
        while (true)
        {
            var newline = _buffer.AsSpan(_start + scanned, _end - _start - scanned).IndexOf((byte)'\n');
            if (newline >= 0) return (true, scanned + newline);
            scanned = _end - _start;
            if (scanned > maxBytes || _isAtEnd) return (false, scanned);
            Fill();
        }
    }

    void Fill()
    {
        if (_end == _buffer.Length)
        {
            var length = _end - _start;
            var target = _buffer;
            if (length > _buffer.Length / 2) target = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
            _buffer.AsSpan(_start, length).CopyTo(target);
            if (target != _buffer) ArrayPool<byte>.Shared.Return(_buffer);
            (_buffer, _start, _end) = (target, 0, length);
        }
        var count = content.Read(_buffer.AsSpan(_end));
        _end += count;
        _isAtEnd = count == 0;
    }

    void Start()
    {
        if (_hasStarted) return;
        _hasStarted = true;
        var isLive = InputFile.IsLive(content);
        while (_end < SampleBytes && !_isAtEnd && !(isLive && _buffer.AsSpan(0, _end).Contains((byte)'\n'))) Fill();

        var sample = _buffer.AsSpan(0, Math.Min(_end, SampleBytes));
        if (sample.StartsWith("\uFEFF"u8))
        {
            _start = 3;
            report.ByteOrderMarks++;
        }
        if (sample is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..]) throw new InvalidDataException($"{path}: UTF-16 text; convert it to UTF-8.");

        if (isLive && sample.Length < FewestBytesOfPipe) return;
        var noText = CountNoText(sample);
        if (noText > sample.Length * MaxShareOfNoText)
            throw new InvalidDataException($"{path}: not UTF-8 text: {noText:N0} of its first {sample.Length:N0} bytes are not. A binary file, or an encoding to convert to UTF-8.");
    }

    /// <summary>Bytes that UTF-8 text does not have: bad ones and control characters.</summary>
    static long CountNoText(ReadOnlySpan<byte> sample)
    {
        var count = LineDivision.CountBadBytes(sample);
        foreach (var value in sample)
            if (value < ' ' && value is not ((byte)'\t' or (byte)'\n' or (byte)'\v' or (byte)'\f' or (byte)'\r' or 0x1B)) count++;
        return count;
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        content.Dispose();
    }
}
