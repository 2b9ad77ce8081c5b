using System.Buffers;

namespace Electra.Corpus;

/// <summary>
/// Text of consecutive documents, about a quarter of a MiB: the unit of parallel work. Where a batch ends depends on the text alone.
/// A document that is not complete in a batch has at least its first <see cref="HashedBytes"/> in the batch where it starts.
/// </summary>
sealed class TextBatch : IDisposable
{
    /// <summary>Bytes of a document that decide whether it is held out; so that this is known before the end of a very long one.</summary>
    public const int HashedBytes = 1 << 20;

    const int FullBytes = 1 << 18, OverfullBytes = FullBytes + HashedBytes;

    // Rented as well: grown anew for every batch they would be most of a build's garbage.
    (int Start, int Length, bool StartsDocument)[] _pieces = ArrayPool<(int, int, bool)>.Shared.Rent(1 << 11);
    byte[] _text = ArrayPool<byte>.Shared.Rent(FullBytes + (FullBytes >> 1));
    int _length;

    /// <summary>What was met while reading, with the last batch of a group of files.</summary>
    public ReadingReport? Report { get; set; }

    /// <summary>Bytes of input files read for it, for progress.</summary>
    public long InputBytes { get; set; }

    /// <summary>True if the last document goes on in the next batch.</summary>
    public bool IsContinued { get; set; }

    /// <summary>Number of lines, and pieces of long lines.</summary>
    public int NumPieces { get; private set; }

    /// <summary>True if the piece opens a document.</summary>
    public bool StartsDocument(int piece) => _pieces[piece].StartsDocument;

    /// <summary>UTF-8 without the line end.</summary>
    public ReadOnlySpan<byte> Text(int piece) => _text.AsSpan(_pieces[piece].Start, _pieces[piece].Length);

    /// <summary>The text that names a document: its lines, each ended by a line feed, up to <see cref="HashedBytes"/>.</summary>
    /// <param name="first">The document's first piece.</param>
    /// <param name="next">The first piece of the next document, or the number of pieces.</param>
    public ReadOnlySpan<byte> DocumentText(int first, int next)
    {
        var start = _pieces[first].Start;
        var end = next < NumPieces ? _pieces[next].Start : _length;
        return _text.AsSpan(start, Math.Min(end - start, HashedBytes));
    }

    /// <summary>True if the piece belongs into another batch.</summary>
    public bool IsFullBefore(in TextPiece piece) => _length >= (piece.StartsDocument ? FullBytes : OverfullBytes);

    /// <summary>Takes a copy of the piece.</summary>
    public void Add(in TextPiece piece)
    {
        var needed = _length + piece.Text.Length + 1;
        if (needed > _text.Length) _text = Larger(_text, _length, needed);
        if (NumPieces == _pieces.Length) _pieces = Larger(_pieces, NumPieces, NumPieces);
        _pieces[NumPieces++] = (_length, piece.Text.Length, piece.StartsDocument);
        piece.Text.Span.CopyTo(_text.AsSpan(_length));
        _length += piece.Text.Length;
        if (piece.EndsLine) _text[_length++] = (byte)'\n';
    }

    static T[] Larger<T>(T[] rented, int length, int needed)
    {
        var larger = ArrayPool<T>.Shared.Rent(needed * 2);
        rented.AsSpan(0, length).CopyTo(larger);
        ArrayPool<T>.Shared.Return(rented);
        return larger;
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_text);
        ArrayPool<(int, int, bool)>.Shared.Return(_pieces);
        (_text, _pieces) = ([], []);
    }
}
