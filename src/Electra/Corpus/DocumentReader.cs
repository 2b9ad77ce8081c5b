namespace Electra.Corpus;

/// <summary>Reads the documents of one file, line by line, in flat memory.</summary>
public sealed class DocumentReader : IDisposable
{
    readonly InputFile _file;
    readonly ReadingReport _report;
    readonly FileStream _stored;
    readonly Stream _content;

    /// <param name="file">What to read.</param>
    /// <param name="report">Counts what is met.</param>
    public DocumentReader(InputFile file, ReadingReport report)
    {
        (_file, _report) = (file, report);
        (_stored, _content) = file.Open();
    }

    /// <summary>Bytes read of the file as it lies on disk, for progress.</summary>
    public long Position => _stored.CanSeek ? _stored.Position : _file.Bytes;

    /// <summary>The lines of all documents in order. Lines of nothing but whitespace are left out.</summary>
    /// <exception cref="InvalidDataException">The file is damaged, no text, or lacks the field <c>text</c>.</exception>
    public IEnumerable<TextPiece> ReadPieces()
    {
        var pieces = _file.Format switch
        {
            TextFormat.PlainText => ReadPlainText(),
            TextFormat.JsonLines => JsonLines.Read(_content, _file.Path, _report),
            _ => ParquetText.Read(_content, _file.Path, _report),
        };
        var isEmpty = true;
        foreach (var piece in pieces)
        {
            isEmpty = false;
            yield return piece;
        }
        if (isEmpty) _report.EmptyDocuments++;
    }

    IEnumerable<TextPiece> ReadPlainText()
    {
        using var lines = new LineReader(_content, _file.Path, _report);
        var startsDocument = true;
        while (lines.TryReadPiece(out var text, out var startsLine, out var endsLine))
        {
            if (LineDivision.IsBlank(text.Span))
            {
                startsDocument |= startsLine && endsLine;
                continue;
            }
            LineDivision.Count(text.Span, _report);
            yield return new TextPiece(text, startsDocument, endsLine);
            startsDocument = false;
        }
    }

    public void Dispose() => _content.Dispose();
}
