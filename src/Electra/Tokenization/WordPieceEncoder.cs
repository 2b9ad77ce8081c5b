using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Electra.Tokenization;

/// <summary>The fast path of <see cref="WordPieceTokenizer"/>: sixteen bytes at a time, each distinct word split once, many looked up at the same time. For one thread at a time.</summary>
sealed class WordPieceEncoder
{
    const int Width = 16;
    const byte InWord = 2;
    const int NumWaiting = 32;

    readonly PieceTrie _pieces;
    readonly WordReader _reader;
    readonly WordCache _cache = new();
    readonly bool _lowerCase;
    readonly int _unknown, _maxCharacters;

    /// <summary>Per byte: the tokens it stands for between words, 0 for an ASCII space and 1 for an ASCII sign, or <see cref="InWord"/>.</summary>
    readonly byte[] _signCounts = new byte[256];

    /// <summary>The ids of single ASCII signs.</summary>
    readonly int[] _signIds = new int[256];

    readonly Waiting[] _waiting = new Waiting[NumWaiting];

    /// <summary>An ASCII word or sign whose tokens are not yet looked at, and the sign or space behind it.</summary>
    struct Waiting
    {
        public Vector128<byte> Key;
        public nuint Place; // in the cache
        public byte Sign;
    }

    public WordPieceEncoder(PieceTrie pieces, CharacterFolding folding, WordPieceConfig config, int unknown)
    {
        (_pieces, _lowerCase, _unknown, _maxCharacters) = (pieces, config.LowerCase, unknown, config.MaxWordCharacters);
        _reader = new WordReader(folding, config.MaxWordCharacters);
        Array.Fill(_signCounts, InWord);
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
        for (var position = 0; position < text.Length;)
        {
            var count = ReadAscii(text, ref position);
            AddWaiting(count, output);
            if (count < NumWaiting && _reader.Read(text, ref position)) AddWord(output);
        }
    }

    /// <summary>
    /// Reads ASCII words and signs until there are <see cref="NumWaiting"/>, the text ends, or something comes that <see cref="_reader"/> must read.
    /// What is remembered of them comes out of memory meanwhile: waiting for it word by word takes half of the time.
    /// </summary>
    int ReadAscii(ReadOnlySpan<byte> text, ref int position)
    {
        ref var first = ref MemoryMarshal.GetReference(text);
        ref var waiting = ref MemoryMarshal.GetArrayDataReference(_waiting);
        var count = 0;
        while (count < NumWaiting && position < text.Length)
        {
            var window = position + Width <= text.Length
                ? Vector128.LoadUnsafe(ref first, (nuint)position)
                : LoadEnd(text[position..]);
            var length = FoldAscii(ref window);
            var end = position + length;
            var next = end < text.Length ? Unsafe.Add(ref first, end) : (byte)' ';
            if (length == Width || _signCounts[next] == InWord) break;
            position = end + 1;
            if (length == 0)
            {
                if (_signCounts[next] == 0) continue;
                window = Vector128.CreateScalar(next);
                length = 1;
                next = (byte)' ';
            }
            else if (position < text.Length && Unsafe.Add(ref first, position) == ' ') position++; // a sign mostly has one behind it
            ref var word = ref Unsafe.Add(ref waiting, count++);
            word.Key = WordCache.Key(window, length);
            word.Place = _cache.PlaceOf(word.Key);
            word.Sign = next;
        }
        return count;
    }

    void AddWaiting(int count, TokenBuffer output)
    {
        var ids = output.GetSpan(NumWaiting * Width);
        var written = 0;
        foreach (ref readonly var word in _waiting.AsSpan(0, count))
        {
            var numTokens = _cache.CopyTokens(word.Key, word.Place, ref ids[written]);
            written += numTokens > 0 ? numTokens : SplitAndRemember(word.Key, word.Place, WordCache.LengthOf(word.Key), ids[written..]);
            ids[written] = _signIds[word.Sign]; // counts if it is no space: cheaper than to ask
            written += _signCounts[word.Sign];
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
        var place = _cache.PlaceOf(key);
        var free = output.GetSpan(Width);
        var count = _cache.CopyTokens(key, place, ref free[0]);
        output.Advance(count > 0 ? count : SplitAndRemember(key, place, _reader.Characters, free));
    }

    int SplitAndRemember(Vector128<byte> key, nuint place, int characters, Span<int> ids)
    {
        Span<byte> word = stackalloc byte[Width];
        key.CopyTo(word);
        var count = Split(word[..WordCache.LengthOf(key)], characters, ids);
        if (count <= WordCache.MaxTokens) _cache.Remember(key, place, ids[..count]);
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
