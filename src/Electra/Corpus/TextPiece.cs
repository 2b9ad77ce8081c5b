namespace Electra.Corpus;

/// <summary>A line of a document, or a part of one that is very long.</summary>
/// <param name="Text">UTF-8 without the line end; valid until the next piece is asked for.</param>
/// <param name="StartsDocument">True for the first piece of a document.</param>
/// <param name="EndsLine">False if the line goes on in the next piece.</param>
public readonly record struct TextPiece(ReadOnlyMemory<byte> Text, bool StartsDocument, bool EndsLine);
