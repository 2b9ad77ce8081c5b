using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Electra.Tokenization;

/// <summary>The fast path of <see cref="ByteLevelBpeTokenizer"/>: ASCII runs sixteen bytes at a time, each distinct word merged once. For one thread at a time.</summary>
/// <param name="byteIds">The token of each of the 256 bytes.</param>
sealed class ByteLevelBpeEncoder(MergeTable merges, int[] byteIds)
{
    const int Width = 16;
    const int Slack = 64; // ids reserved at a time, so that short words need no check
    const int LongWord = 128; // from here on a heap finds the next merge faster than looking at every pair

    readonly WordCache _cache = new();
    readonly ulong[] _waiting = new ulong[LongWord]; // the merge of each token with the next one

    /// <summary>Appends the ids of <paramref name="text"/>.</summary>
    /// <param name="text">Valid UTF-8.</param>
    public void Encode(ReadOnlySpan<byte> text, TokenBuffer output)
    {
        ref var first = ref MemoryMarshal.GetReference(text);
        var ids = output.GetSpan(Slack);
        var written = 0;
        for (var position = 0; position < text.Length;)
        {
            if (ids.Length - written < Width)
            {
                output.Advance(written);
                written = 0;
                ids = output.GetSpan(Slack);
            }
            var window = position + Width <= text.Length
                ? Vector128.LoadUnsafe(ref first, (nuint)position)
                : LoadEnd(text[position..]);
            var length = AsciiPart(window);
            var isWhole = length is > 0 and < Width
                && (position + length == text.Length || Unsafe.Add(ref first, position + length) < 0x80);
            if (!isWhole) length = Gpt2Splitter.End(text, position) - position;
            if (length > WordCache.MaxBytes)
            {
                output.Advance(written);
                written = 0;
                output.Advance(Merge(text.Slice(position, length), output.GetSpan(length)));
                ids = output.GetSpan(Slack);
            }
            else
            {
                var key = WordCache.Key(window, length);
                var place = _cache.PlaceOf(key);
                var count = _cache.CopyTokens(key, place, ref ids[written]);
                written += count > 0 ? count : MergeAndRemember(key, place, text.Slice(position, length), ids[written..]);
            }
            position += length;
        }
        output.Advance(written);
    }

    /// <summary>Writes the ids of one part of the text and returns their number.</summary>
    /// <param name="ids">Room for as many ids as the part has bytes.</param>
    public int Merge(ReadOnlySpan<byte> part, Span<int> ids)
    {
        for (var i = 0; i < part.Length; i++) ids[i] = byteIds[part[i]];
        return part.Length < LongWord ? MergeShort(part, ids) : LongMerge.Merge(ids[..part.Length], merges);
    }

    /// <summary>The length of the part that <paramref name="window"/> begins with if it is a run of ASCII letters, digits or signs
    /// with or without a space before it; 0 if it is something else, <see cref="Width"/> if it may go on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static int AsciiPart(Vector128<byte> window)
    {
        var lower = window | Vector128.Create((byte)0x20);
        var letters = Vector128.LessThan(lower - Vector128.Create((byte)'a'), Vector128.Create((byte)26)).ExtractMostSignificantBits();
        var skip = window.GetElement(0) == ' ' ? 1 : 0;
        var run = letters >> skip;
        if ((run & 1) == 0)
        {
            var digits = Vector128.LessThan(window - Vector128.Create((byte)'0'), Vector128.Create((byte)10)).ExtractMostSignificantBits();
            run = digits >> skip;
            if ((run & 1) == 0)
            {
                var signs = Vector128.LessThan(window - Vector128.Create((byte)'!'), Vector128.Create((byte)('~' - '!' + 1))).ExtractMostSignificantBits();
                run = (signs & ~letters & ~digits) >> skip;
                if ((run & 1) == 0 || window.GetElement(0) == '\'') return 0;
            }
        }
        return skip + BitOperations.TrailingZeroCount(~run);
    }

    int MergeAndRemember(Vector128<byte> key, nuint place, ReadOnlySpan<byte> part, Span<int> ids)
    {
        var count = Merge(part, ids);
        if (count <= WordCache.MaxTokens) _cache.Remember(key, place, ids[..count]);
        return count;
    }

    /// <summary>Joins the pair learnt first, the leftmost of equals, until none is left.</summary>
    int MergeShort(ReadOnlySpan<byte> part, Span<int> ids)
    {
        var count = part.Length;
        for (var i = 0; i + 1 < count; i++) _waiting[i] = merges.OfBytes(part[i], part[i + 1]);
        while (count > 1)
        {
            var (best, at) = (MergeTable.None, 0);
            for (var i = 0; i < count - 1; i++)
                if (_waiting[i] < best) (best, at) = (_waiting[i], i);
            if (best == MergeTable.None) break;

            count--;
            ids[at] = MergeTable.TokenOf(best);
            for (var i = at + 1; i < count; i++) (ids[i], _waiting[i - 1]) = (ids[i + 1], _waiting[i]);
            if (at > 0) _waiting[at - 1] = merges.Of(ids[at - 1], ids[at]);
            if (at + 1 < count) _waiting[at] = merges.Of(ids[at], ids[at + 1]);
        }
        return count;
    }

    static Vector128<byte> LoadEnd(ReadOnlySpan<byte> rest)
    {
        Span<byte> padded = stackalloc byte[Width];
        padded.Clear();
        rest.CopyTo(padded);
        return Vector128.Create<byte>(padded);
    }
}
