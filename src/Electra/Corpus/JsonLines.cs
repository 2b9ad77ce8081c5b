using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Electra.Corpus;

/// <summary>Documents in JSON lines: the string field <c>text</c> of each object.</summary>
static class JsonLines
{
    const int MaxRecordBytes = 64 << 20;

    /// <summary>The lines of all documents.</summary>
    /// <exception cref="InvalidDataException">A line is no JSON object with a string <c>text</c>, or over 64 MiB.</exception>
    public static IEnumerable<TextPiece> Read(Stream content, string path, ReadingReport report)
    {
        using var lines = new LineReader(content, path, report);
        var unescaped = new ArrayBufferWriter<byte>();
        while (lines.TryReadLine(MaxRecordBytes, out var line))
        {
            if (LineDivision.IsBlank(line.Span)) continue;
            var (start, length, isEscaped) = FindText(line.Span, path, lines.LineNumber);
            var text = line.Slice(start, length);
            if (isEscaped)
            {
                unescaped.ResetWrittenCount();
                Unescape(text.Span, unescaped, report);
                text = unescaped.WrittenMemory;
            }
            var isEmpty = true;
            foreach (var piece in LineDivision.PiecesOf(text, report))
            {
                isEmpty = false;
                yield return piece;
            }
            if (isEmpty) report.EmptyDocuments++;
        }
    }

    /// <summary>Where the value of <c>text</c> lies in the line, without its quotes.</summary>
    static (int Start, int Length, bool IsEscaped) FindText(ReadOnlySpan<byte> line, string path, long lineNumber)
    {
        var reader = new Utf8JsonReader(line, new JsonReaderOptions { MaxDepth = 256 });
        try
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject) throw Wrong("is not a JSON object");
            (int, int, bool)? found = null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isText = reader.ValueTextEquals("text"u8);
                reader.Read();
                if (isText)
                {
                    if (reader.TokenType != JsonTokenType.String) throw Wrong("has a field 'text' that is not a string");
                    found = ((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length, reader.ValueIsEscaped);
                }
                reader.Skip();
            }
            reader.Read(); // what follows the object must be nothing, which the reader checks
            return found ?? throw Wrong("has no field 'text'");
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"{path}:{lineNumber}: the line is not JSON from byte {exception.BytePositionInLine + 1:N0} on.", exception);
        }

        InvalidDataException Wrong(string what) => new($"{path}:{lineNumber}: the line {what}; each line must be an object like {{\"text\": \"...\"}}.");
    }

    /// <summary>Undoes JSON's escapes. Half a surrogate pair becomes U+FFFD and counts as bad; bytes that are not UTF-8 stay as they are.</summary>
    static void Unescape(ReadOnlySpan<byte> escaped, ArrayBufferWriter<byte> target, ReadingReport report)
    {
        while (escaped.IndexOf((byte)'\\') is >= 0 and var backslash)
        {
            target.Write(escaped[..backslash]);
            var letter = escaped[backslash + 1];
            escaped = escaped[(backslash + 2)..];
            if (letter != 'u')
            {
                target.Write([letter switch { (byte)'n' => (byte)'\n', (byte)'t' => (byte)'\t', (byte)'r' => (byte)'\r', (byte)'b' => (byte)'\b', (byte)'f' => (byte)'\f', _ => letter }]);
                continue;
            }
            var high = (char)ReadHex(escaped);
            escaped = escaped[4..];
            if (!Rune.TryCreate(high, out var rune))
            {
                if (escaped is [(byte)'\\', (byte)'u', ..] && Rune.TryCreate(high, (char)ReadHex(escaped[2..]), out rune))
                {
                    escaped = escaped[6..];
                }
                else
                {
                    rune = Rune.ReplacementChar;
                    report.BadBytes += 6;
                }
            }
            target.Advance(rune.EncodeToUtf8(target.GetSpan(4)));
        }
        target.Write(escaped);
    }

    static int ReadHex(ReadOnlySpan<byte> digits) => int.Parse(digits[..4], NumberStyles.AllowHexSpecifier);
}
