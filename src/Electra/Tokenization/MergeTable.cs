using System.Numerics;

namespace Electra.Tokenization;

/// <summary>The merges of byte-level BPE: which two tokens join to which one, and which join comes first.</summary>
/// <remarks>A merge is one number, its place in the order of learning above the token it makes, so that the smallest is the first to be done.</remarks>
sealed class MergeTable
{
    /// <summary>Two tokens that do not merge; larger than every merge.</summary>
    public const ulong None = ulong.MaxValue;

    readonly Entry[] _entries;
    readonly int _shift;
    readonly ulong[] _ofBytes = new ulong[256 * 256]; // each word begins with these: near at hand, without hashing

    struct Entry
    {
        public ulong Pair; // left << 32 | right; None where free
        public ulong Merge;
    }

    /// <param name="vocabulary">Has every token that a merge names or makes.</param>
    /// <param name="merges">In the order in which they were learnt.</param>
    /// <param name="byteIds">The token of each of the 256 bytes.</param>
    /// <exception cref="InvalidDataException">A merge names a token that the vocabulary lacks.</exception>
    public MergeTable(Vocabulary vocabulary, IReadOnlyList<(string Left, string Right)> merges, int[] byteIds)
    {
        var capacity = (int)BitOperations.RoundUpToPowerOf2((uint)merges.Count * 2 + 2);
        _entries = new Entry[capacity];
        _shift = 64 - BitOperations.Log2((uint)capacity);
        Array.Fill(_entries, new Entry { Pair = None, Merge = None });
        for (var rank = 0; rank < merges.Count; rank++)
        {
            var (left, right) = merges[rank];
            int Id(string token) => vocabulary.IdOf(token)
                ?? throw new InvalidDataException($"Merge {rank + 1:N0}, '{left} {right}', needs '{token}', which the vocabulary lacks. Files of two tokenizers?");
            var pair = Pair(Id(left), Id(right));
            ref var entry = ref Find(pair);
            if (entry.Pair == pair) continue; // the first of two equal merges counts
            entry = new Entry { Pair = pair, Merge = (ulong)rank << 32 | (uint)Id(left + right) };
        }
        for (var pair = 0; pair < _ofBytes.Length; pair++) _ofBytes[pair] = Of(byteIds[pair >> 8], byteIds[pair & 0xFF]);
    }

    /// <summary>The token that a merge makes.</summary>
    public static int TokenOf(ulong merge) => (int)(uint)merge;

    /// <summary>The merge of two tokens, or <see cref="None"/>.</summary>
    public ulong Of(int left, int right) => Find(Pair(left, right)).Merge;

    /// <summary>The merge of two bytes' tokens, or <see cref="None"/>.</summary>
    public ulong OfBytes(byte left, byte right) => _ofBytes[left << 8 | right];

    static ulong Pair(int left, int right) => (ulong)(uint)left << 32 | (uint)right;

    ref Entry Find(ulong pair)
    {
        var slot = (int)(pair * 0x9E3779B97F4A7C15 >> _shift);
        while (_entries[slot].Pair != None && _entries[slot].Pair != pair) slot = (slot + 1) & (_entries.Length - 1);
        return ref _entries[slot];
    }
}
