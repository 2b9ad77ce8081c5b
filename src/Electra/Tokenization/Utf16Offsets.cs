namespace Electra.Tokenization;

/// <summary>Turns places in UTF-8 text into places in the same text as UTF-16, in one pass over the text.</summary>
ref struct Utf16Offsets(ReadOnlySpan<byte> text)
{
    readonly ReadOnlySpan<byte> _text = text;
    int _bytes, _units;

    /// <summary>The UTF-16 code units before byte <paramref name="position"/>; positions may go back by no more than a few tokens cheaply.</summary>
    public int At(int position)
    {
        for (; _bytes < position; _bytes++) _units += Utf8Text.Utf16Units(_text[_bytes]);
        for (; _bytes > position; _bytes--) _units -= Utf8Text.Utf16Units(_text[_bytes - 1]);
        return _units;
    }
}
