using System.Numerics;

namespace Electra.Tokenization;

/// <summary>The merges of byte-level BPE: which two tokens join to which one, and which join comes first.</summary>
sealed class MergeTable
{
    public const int NoRank = int.MaxValue;

    readonly ulong[] _pairs;    // left << 32 | right; Free where empty
    readonly (int Rank, int Merged)[] _merges;
    readonly int _shift;

    const ulong Free = ulong.MaxValue;

    /// <param name="merges">In the order in which they were learnt.</param>
    /// <exception cref="InvalidDataException">A merge names a token that the vocabulary lacks.</exception>
    public MergeTable(Vocabulary vocabulary, IReadOnlyList<(string Left, string Right)> merges)
    {
        var capacity = (int)BitOperations.RoundUpToPowerOf2((uint)merges.Count * 2 + 2);
        _pairs = new ulong[capacity];
        _merges = new (int, int)[capacity];
        _shift = 64 - BitOperations.Log2((uint)capacity);
        Array.Fill(_pairs, Free);
        for (var rank = 0; rank < merges.Count; rank++)
        {
            var (left, right) = merges[rank];
            int Id(string token) => vocabulary.IdOf(token)
                ?? throw new InvalidDataException($"Merge {rank + 1:N0}, '{left} {right}', needs '{token}', which the vocabulary lacks. Files of two tokenizers?");
            var pair = Pair(Id(left), Id(right));
            var slot = Find(pair);
            if (_pairs[slot] == pair) continue; // the first of two equal merges counts
            _pairs[slot] = pair;
            _merges[slot] = (rank, Id(left + right));
        }
    }

    /// <summary>The place of the merge of two tokens in the order of learning; <see cref="NoRank"/> if they do not merge.</summary>
    public int Rank(int left, int right, out int merged)
    {
        var slot = Find(Pair(left, right));
        merged = _merges[slot].Merged;
        return _pairs[slot] == Free ? NoRank : _merges[slot].Rank;
    }

    static ulong Pair(int left, int right) => (ulong)(uint)left << 32 | (uint)right;

    int Find(ulong pair)
    {
        var slot = (int)(pair * 0x9E3779B97F4A7C15 >> _shift);
        while (_pairs[slot] != Free && _pairs[slot] != pair) slot = (slot + 1) & (_pairs.Length - 1);
        return slot;
    }
}
