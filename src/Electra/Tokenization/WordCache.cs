using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Electra.Tokenization;

/// <summary>Remembers the tokens of short words: most of a text is a few thousand words over and over. For one thread at a time.</summary>
/// <remarks>Words of up to 15 bytes and 4 tokens; two places per hash value, in one cache line; an older word gives way.</remarks>
sealed class WordCache
{
    /// <summary>Longest word in bytes; the sixteenth byte of a key is the word's length.</summary>
    public const int MaxBytes = 15;

    /// <summary>Most tokens of a remembered word; <see cref="CopyTokens"/> always writes so many.</summary>
    public const int MaxTokens = 4;

    const int NumSets = 1 << 15, CacheLine = 64;

    readonly byte[] _memory = GC.AllocateArray<byte>((NumSets + 1) * CacheLine, pinned: true);
    readonly int _padding;

    public WordCache() => _padding = (int)(-Marshal.UnsafeAddrOfPinnedArrayElement(_memory, 0) & (CacheLine - 1));

    /// <summary>The key of a word: its bytes, zeros, its length.</summary>
    /// <param name="bytes">16 bytes that begin with the word.</param>
    /// <param name="length">1 to <see cref="MaxBytes"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Key(Vector128<byte> bytes, int length)
    {
        var keep = Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(KeepThenClear), (nuint)(16 - length));
        return (bytes & keep).WithElement(MaxBytes, (byte)length);
    }

    /// <summary>The word's length in bytes.</summary>
    public static int LengthOf(Vector128<byte> key) => key.GetElement(MaxBytes);

    /// <summary>Where a word is remembered if it is, and begins to fetch that into the processor's nearest cache.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe nuint PlaceOf(Vector128<byte> key)
    {
        var words = key.AsUInt64();
        var hash = words.GetElement(0) * 0x9E3779B97F4A7C15 + words.GetElement(1) * 0xD6E8FEB86659FD93; // multiply-shift: the high bits are good
        var place = (nuint)_padding + (nuint)(hash >> (64 - BitOperations.Log2(NumSets))) * CacheLine;
        if (Sse.IsSupported) Sse.Prefetch0(Unsafe.AsPointer(ref Set(place))); // the array is pinned
        return place;
    }

    /// <summary>Writes the word's tokens, and what follows them up to <see cref="MaxTokens"/>, and returns their number; 0 if it is not remembered.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int CopyTokens(Vector128<byte> key, nuint place, ref int destination)
    {
        ref var first = ref Set(place);
        ref var entry = ref Unsafe.Add(ref first, Unsafe.BitCast<bool, byte>(first.Key != key)); // no branch: it could not be foretold
        if (entry.Key != key) return 0;
        entry.Tokens.StoreUnsafe(ref destination);
        return BitOperations.TrailingZeroCount(Vector128.ExtractMostSignificantBits(entry.Tokens) | 1 << MaxTokens);
    }

    /// <summary>Remembers a word of one to <see cref="MaxTokens"/> tokens.</summary>
    public void Remember(Vector128<byte> key, nuint place, ReadOnlySpan<int> tokens)
    {
        ref var set = ref Set(place);
        Unsafe.Add(ref set, 1) = set;
        Span<int> padded = [-1, -1, -1, -1];
        tokens.CopyTo(padded);
        set = new Entry { Key = key, Tokens = Vector128.Create<int>(padded) };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    ref Entry Set(nuint place) => ref Unsafe.As<byte, Entry>(ref Unsafe.AddByteOffset(ref MemoryMarshal.GetArrayDataReference(_memory), place));

    static ReadOnlySpan<byte> KeepThenClear =>
    [
        255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ];

    struct Entry
    {
        public Vector128<byte> Key;
        public Vector128<int> Tokens; // -1 after the last
    }
}
