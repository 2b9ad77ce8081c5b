using System.Text.Json;

namespace Electra.Reporting;

/// <summary>
/// Reads metrics.jsonl line by line through one buffer. Names and kinds, which repeat on every line, become strings once.
/// A line that is none, as a damaged disk or a hasty hand leaves it, is named and passed over: one bad line must not cost a run.
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
    bool _isTooLong;

    /// <summary>What was wrong with each line passed over so far.</summary>
    public List<string> Unreadable { get; } = [];

    /// <summary>Position in the file behind the line and its end.</summary>
    public long End { get; private set; }

    ReadOnlySpan<byte> Line => _buffer.AsSpan(_lineStart, _lineEnd - _lineStart);

    /// <summary>Goes to the next whole line; false after the last one.</summary>
    public bool Next()
    {
        _lineStart = _number++ == 0 ? 0 : _lineEnd + 1;
        _isTooLong = false;
        var searched = _lineStart;
        int newline;
        while ((newline = _buffer.AsSpan(searched, _filled - searched).IndexOf((byte)'\n')) < 0)
        {
            if (_filled - _lineStart > MaxLineLength) ForgetLine();
            searched = _filled - _lineStart;
            if (!Refill()) return false;
        }
        _lineEnd = searched + newline;
        End += _lineEnd - _lineStart + 1;
        return true;
    }

    /// <summary>The whole line; null if it is none.</summary>
    public MetricsEntry? Parse()
    {
        if (ParseStep() is not { } step) return null;
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
                else return PassOver<MetricsEntry?>($"'{name}' is no number");
            }
            reader.Read(); // nothing may follow the object
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException) // the latter for bad UTF-8
        {
            return PassOver<MetricsEntry?>("it is no JSON object");
        }
        _numValues = values.Count;
        return kind is null ? PassOver<MetricsEntry?>("it has no \"kind\"") : new MetricsEntry(step, kind, values);
    }

    public void Dispose() => _file.Dispose();

    /// <summary>The line's step, with the rest of it unread; null of a line that is none.</summary>
    long? ParseStep()
    {
        try
        {
            if (_isTooLong) return PassOver<long?>($"it is longer than {MaxLineLength:N0} bytes");
            var reader = new Utf8JsonReader(Line);
            if (reader.Read() && reader.TokenType == JsonTokenType.StartObject && reader.Read() && reader.ValueTextEquals("step"u8)
                && reader.Read() && reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var step))
                return step;
        }
        catch (JsonException)
        {
            // Said below with file and line.
        }
        return PassOver<long?>("it must begin with \"step\" and a whole number");
    }

    bool Refill()
    {
        var kept = _filled - _lineStart;
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

    /// <summary>Drops what was read of a line that is too long to be one; its end is still to come.</summary>
    void ForgetLine()
    {
        _isTooLong = true;
        End += _filled - _lineStart;
        _filled = _lineStart;
    }

    T? PassOver<T>(string reason)
    {
        Unreadable.Add($"{path}: line {_number} is no line of metrics and is passed over: {reason}.");
        return default;
    }
}
