using System.Text.Unicode;

namespace Electra.Corpus;

/// <summary>Lines of UTF-8 text: where they end, and where to divide one that is too long to hold.</summary>
static class LineDivision
{
    /// <summary>Longest piece of a line, in bytes.</summary>
    public const int MaxPieceBytes = 1 << 20;

    static ReadOnlySpan<byte> Whitespace => " \t\v\f\r"u8;

    /// <summary>True if only ASCII whitespace is there: such a line ends a document.</summary>
    public static bool IsBlank(ReadOnlySpan<byte> line) => line.IndexOfAnyExcept(Whitespace) < 0;

    /// <summary>Bytes of the first piece of a line of at least <paramref name="limit"/> bytes: up to its last whitespace, else up to a code point.</summary>
    public static int FirstPiece(ReadOnlySpan<byte> line, int limit)
    {
        if (line[..limit].LastIndexOfAny(Whitespace) is >= 0 and var whitespace) return whitespace + 1;
        // A code point has at most three bytes after its first; more than that is no UTF-8, and any place will do.
        for (var end = limit; end > limit - 4; end--)
            if (end == line.Length || (line[end] & 0xC0) != 0x80) return end;
        return limit;
    }

    /// <summary>Cuts text that lies in memory, line by line. Empty lines are left out.</summary>
    public static IEnumerable<TextPiece> PiecesOf(ReadOnlyMemory<byte> text, ReadingReport report)
    {
        var startsDocument = true;
        while (!text.IsEmpty)
        {
            var newline = text.Span.IndexOf((byte)'\n');
            var line = newline < 0 ? text : text[..newline];
            text = newline < 0 ? default : text[(newline + 1)..];
            if (line.Length > MaxPieceBytes) report.DividedLines++;
            while (!line.IsEmpty)
            {
                var length = line.Length <= MaxPieceBytes ? line.Length : FirstPiece(line.Span, MaxPieceBytes);
                var piece = line[..length];
                line = line[length..];
                if (line.IsEmpty) piece = piece[..TrimCarriageReturn(piece.Span)];
                if (IsBlank(piece.Span)) continue;
                Count(piece.Span, report);
                yield return new TextPiece(piece, startsDocument, EndsLine: line.IsEmpty);
                startsDocument = false;
            }
        }
    }

    /// <summary>Length without a carriage return at the end.</summary>
    public static int TrimCarriageReturn(ReadOnlySpan<byte> line) => line is [.., (byte)'\r'] ? line.Length - 1 : line.Length;

    /// <summary>Counts bytes, and those of them that are no text.</summary>
    public static void Count(ReadOnlySpan<byte> text, ReadingReport report)
    {
        report.TextBytes += text.Length;
        report.NulBytes += text.Count((byte)0);
        if (!Utf8.IsValid(text)) report.BadBytes += CountBadBytes(text);
    }

    /// <summary>Bytes that belong to no code point.</summary>
    public static long CountBadBytes(ReadOnlySpan<byte> text)
    {
        long bad = 0;
        while (!text.IsEmpty)
        {
            var status = System.Text.Rune.DecodeFromUtf8(text, out _, out var length);
            if (status != System.Buffers.OperationStatus.Done) bad += length;
            text = text[length..];
        }
        return bad;
    }
}
