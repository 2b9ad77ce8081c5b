using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Electra.Tokenization;

/// <summary>The fast path of <see cref="WordPieceTokenizer"/>: sixteen bytes at a time, each distinct word split once. For one thread at a time.</summary>
sealed class WordPieceEncoder
{
    const int Width = 16;
    const byte InWord = 2;
    const int Slack = 64; // ids reserved at a time, so that short words need no check

    readonly PieceTrie _pieces;
    readonly WordReader _reader;
    readonly WordCache _cache = new();
    readonly bool _lowerCase;
    readonly int _unknown, _maxCharacters;

    /// <summary>Per ASCII byte: the tokens it stands for between words, 0 for a space and 1 for a sign, or <see cref="InWord"/>.</summary>
    readonly byte[] _signCounts = new byte[128];

    /// <summary>The ids of single ASCII signs.</summary>
    readonly int[] _signIds = new int[128];

    public WordPieceEncoder(PieceTrie pieces, CharacterFolding folding, WordPieceConfig config, int unknown)
    {
        (_pieces, _lowerCase, _unknown, _maxCharacters) = (pieces, config.LowerCase, unknown, config.MaxWordCharacters);
        _reader = new WordReader(folding, config.MaxWordCharacters);
        for (var value = 0; value < 128; value++)
        {
            var role = folding.Fold(value, out var folded, out _);
            _signCounts[value] = role switch
            {
                CharacterRole.Space => 0,
                CharacterRole.Alone => 1,
                _ => InWord,
            };
            var ids = new int[Width];
            if (role == CharacterRole.Alone) _signIds[value] = pieces.Split(folded, ids) == 1 ? ids[0] : unknown;
        }
    }

    /// <summary>The reader that <see cref="WordPieceTokenizer.EncodeWithOffsets"/> shares.</summary>
    public WordReader Reader => _reader;

    /// <summary>Appends the ids of <paramref name="text"/>.</summary>
    /// <param name="text">Valid UTF-8.</param>
    public void Encode(ReadOnlySpan<byte> text, TokenBuffer output)
    {
        ref var first = ref MemoryMarshal.GetReference(text);
        var ids = output.GetSpan(Slack);
        var written = 0;
        for (var position = 0; position < text.Length;)
        {
            if (ids.Length - written <= Width)
            {
                output.Advance(written);
                written = 0;
                ids = output.GetSpan(Slack);
            }
            var window = position + Width <= text.Length
                ? Vector128.LoadUnsafe(ref first, (nuint)position)
                : LoadEnd(text[position..]);
            var length = FoldAscii(ref window);
            if (length == 0)
            {
                var sign = Unsafe.Add(ref first, position);
                if (sign < 128 && _signCounts[sign] != InWord)
                {
                    ids[written] = _signIds[sign];
                    written += _signCounts[sign];
                    position++;
                    continue;
                }
            }
            else if (length < Width)
            {
                var end = position + length;
                var sign = end < text.Length ? Unsafe.Add(ref first, end) : (byte)' ';
                if (sign < 128 && _signCounts[sign] != InWord)
                {
                    var key = WordCache.Key(window, length);
                    var count = _cache.CopyTokens(key, ref ids[written]);
                    written += count > 0 ? count : SplitAndRemember(key, length, length, ids[written..]);
                    ids[written] = _signIds[sign]; // counts if it is no space: cheaper than to ask
                    written += _signCounts[sign];
                    position = end + 1;
                    if (position < text.Length && Unsafe.Add(ref first, position) == ' ') position++; // a sign mostly has one behind it
                    continue;
                }
            }
            output.Advance(written);
            written = 0;
            if (_reader.Read(text, ref position)) AddWord(output);
            ids = output.GetSpan(Slack);
        }
        output.Advance(written);
    }

    /// <summary>The length of the run of ASCII letters and digits that <paramref name="window"/> begins with, lower-cased in place if that is asked.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    int FoldAscii(ref Vector128<byte> window)
    {
        var caseBit = Vector128.Create((byte)0x20);
        var lower = window | caseBit;
        var isLetter = Vector128.LessThan(lower - Vector128.Create((byte)'a'), Vector128.Create((byte)26));
        var isDigit = Vector128.LessThan(window - Vector128.Create((byte)'0'), Vector128.Create((byte)10));
        if (_lowerCase) window |= isLetter & caseBit;
        return BitOperations.TrailingZeroCount(~Vector128.ExtractMostSignificantBits(isLetter | isDigit));
    }

    void AddWord(TokenBuffer output)
    {
        var word = _reader.Word;
        if (_reader.IsTooLong || word.Length > WordCache.MaxBytes) // too long means cut, which must not be remembered
        {
            output.Advance(Split(word, _reader.Characters, output.GetSpan(word.Length)));
            return;
        }
        Span<byte> padded = stackalloc byte[Width];
        padded.Clear();
        word.CopyTo(padded);
        var key = WordCache.Key(Vector128.Create<byte>(padded), word.Length);
        var free = output.GetSpan(Width);
        var count = _cache.CopyTokens(key, ref free[0]);
        output.Advance(count > 0 ? count : SplitAndRemember(key, word.Length, _reader.Characters, free));
    }

    int SplitAndRemember(Vector128<byte> key, int length, int characters, Span<int> ids)
    {
        Span<byte> word = stackalloc byte[Width];
        key.CopyTo(word);
        var count = Split(word[..length], characters, ids);
        if (count <= WordCache.MaxTokens) _cache.Remember(key, ids[..count]);
        return count;
    }

    int Split(ReadOnlySpan<byte> word, int characters, Span<int> ids)
    {
        var count = characters > _maxCharacters ? 0 : _pieces.Split(word, ids);
        if (count > 0) return count;
        ids[0] = _unknown;
        return 1;
    }

    static Vector128<byte> LoadEnd(ReadOnlySpan<byte> rest)
    {
        Span<byte> padded = stackalloc byte[Width];
        padded.Clear();
        rest.CopyTo(padded);
        return Vector128.Create<byte>(padded);
    }
}
