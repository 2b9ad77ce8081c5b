using System.Text.Json;

namespace Electra.Reporting;

/// <summary>
/// Reads metrics.jsonl line by line through one buffer. Names and kinds, which repeat on every line, become strings once.
/// </summary>
sealed class MetricsLineReader(string path) : IDisposable
{
    const int BufferSize = 1 << 16, MaxLineLength = 1 << 20;

    readonly FileStream _file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
    readonly Dictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> _strings =
        new Dictionary<string, string>(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
    byte[] _buffer = new byte[BufferSize];
    int _lineStart, _lineEnd, _filled;
    long _number;
    int _numValues;

    /// <summary>Position in the file behind the line and its end.</summary>
    public long End { get; private set; }

    ReadOnlySpan<byte> Line => _buffer.AsSpan(_lineStart, _lineEnd - _lineStart);

    /// <summary>Goes to the next whole line; false after the last one.</summary>
    public bool Next()
    {
        _lineStart = _number++ == 0 ? 0 : _lineEnd + 1;
        var searched = _lineStart;
        int newline;
        while ((newline = _buffer.AsSpan(searched, _filled - searched).IndexOf((byte)'\n')) < 0)
        {
            searched = _filled - _lineStart;
            if (!Refill()) return false;
        }
        _lineEnd = searched + newline;
        End += _lineEnd - _lineStart + 1;
        return true;
    }

    /// <summary>The line's step, with the rest of it unread.</summary>
    public long ParseStep()
    {
        try
        {
            var reader = new Utf8JsonReader(Line);
            if (reader.Read() && reader.TokenType == JsonTokenType.StartObject && reader.Read() && reader.ValueTextEquals("step"u8)
                && reader.Read() && reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var step))
                return step;
        }
        catch (JsonException)
        {
            // Said below with file and line.
        }
        throw Bad("it must begin with \"step\" and a whole number");
    }

    /// <summary>The whole line.</summary>
    public MetricsEntry Parse()
    {
        var step = ParseStep();
        var values = new Dictionary<string, double>(_numValues);
        string? kind = null;
        try
        {
            var reader = new Utf8JsonReader(Line);
            for (var skipped = 0; skipped < 3; skipped++) reader.Read(); // the brace, "step" and its value
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = StringOf(ref reader);
                reader.Read();
                if (name == "kind" && reader.TokenType == JsonTokenType.String) kind = StringOf(ref reader);
                else if (reader.TokenType == JsonTokenType.Number) values[name] = reader.GetDouble();
                else if (reader.TokenType == JsonTokenType.Null) values[name] = double.NaN;
                else throw Bad($"'{name}' is no number");
            }
            reader.Read(); // nothing may follow the object
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException) // the latter for bad UTF-8
        {
            throw Bad("it is no JSON object");
        }
        _numValues = values.Count;
        return new MetricsEntry(step, kind ?? throw Bad("it has no \"kind\""), values);
    }

    public void Dispose() => _file.Dispose();

    bool Refill()
    {
        var kept = _filled - _lineStart;
        if (kept > MaxLineLength) throw Bad($"it is longer than {MaxLineLength:N0} bytes");
        if (kept == _buffer.Length) Array.Resize(ref _buffer, 2 * _buffer.Length);
        else _buffer.AsSpan(_lineStart, kept).CopyTo(_buffer);
        _lineStart = 0;
        var read = _file.Read(_buffer, kept, _buffer.Length - kept);
        _filled = kept + read;
        return read > 0;
    }

    string StringOf(ref Utf8JsonReader reader)
    {
        Span<char> text = stackalloc char[256];
        if (reader.ValueSpan.Length > text.Length) return reader.GetString()!;
        var length = reader.CopyString(text);
        if (_strings.TryGetValue(text[..length], out var known)) return known;
        var added = new string(text[..length]);
        _strings.Dictionary.Add(added, added);
        return added;
    }

    InvalidDataException Bad(string reason) => new($"{path}: line {_number} is no line of metrics: {reason}.");
}
