using System.Buffers;
using System.Text;

namespace Electra.Tokenization;

/// <summary>Reads normalised words out of UTF-8 text, one after the other, into one buffer that is used again.</summary>
sealed class WordReader(CharacterFolding folding, int maxCharacters)
{
    const int MaxFoldedBytes = 12; // U+1D160 and its neighbours decompose into three code points of four bytes.

    /// <summary>Words are cut in the buffer here; they are too long to be looked up anyway.</summary>
    readonly int _maxBytes = maxCharacters * 4;

    readonly byte[] _bytes = new byte[maxCharacters * 4 + MaxFoldedBytes];
    readonly int[] _starts = new int[maxCharacters * 4 + MaxFoldedBytes];
    readonly int[] _ends = new int[maxCharacters * 4 + MaxFoldedBytes];
    int _length;

    /// <summary>The word's folded UTF-8, without its end if it has more than the greatest number of characters.</summary>
    public ReadOnlySpan<byte> Word => _bytes.AsSpan(0, _length);

    /// <summary>Code points of the folded word.</summary>
    public int Characters { get; private set; }

    /// <summary>True if the word has more characters than allowed.</summary>
    public bool IsTooLong => Characters > maxCharacters;

    /// <summary>The word's first byte in the text and the one after its last.</summary>
    public (int Start, int End) Source { get; private set; }

    /// <summary>Where in the text the character begins that gave byte <paramref name="index"/> of the word.</summary>
    public int SourceStart(int index) => _starts[index];

    /// <summary>Where in the text the character ends that gave byte <paramref name="index"/> of the word.</summary>
    public int SourceEnd(int index) => _ends[index];

    /// <summary>Reads the next word at or after <paramref name="position"/> and moves behind it; false at the end of the text.</summary>
    /// <param name="text">Valid UTF-8.</param>
    public bool Read(ReadOnlySpan<byte> text, ref int position)
    {
        _length = 0;
        Characters = 0;
        var (start, end) = (position, position);
        while (position < text.Length)
        {
            var status = Rune.DecodeFromUtf8(text[position..], out var character, out var size);
            System.Diagnostics.Debug.Assert(status == OperationStatus.Done, "the caller has checked the text");
            var role = folding.Fold(character.Value, out var folded, out var characters);
            if (role == CharacterRole.Text)
            {
                if (characters > 0)
                {
                    if (Characters == 0) start = position;
                    Append(folded, characters, position, position + size);
                    end = position + size;
                }
                position += size;
                continue;
            }
            if (Characters == 0 && role == CharacterRole.Alone)
            {
                Append(folded, characters, position, position + size);
                Source = (position, position + size);
                position += size;
                return true;
            }
            if (Characters > 0) break;
            position += size;
        }
        Source = (start, end);
        return Characters > 0;
    }

    void Append(ReadOnlySpan<byte> folded, int characters, int start, int end)
    {
        Characters += characters;
        if (_length >= _maxBytes) return;
        folded.CopyTo(_bytes.AsSpan(_length));
        _starts.AsSpan(_length, folded.Length).Fill(start);
        _ends.AsSpan(_length, folded.Length).Fill(end);
        _length += folded.Length;
    }
}
