using System.Numerics;
using System.Text;

namespace Electra.Tokenization;

/// <summary>The vocabulary as a tree over UTF-8 bytes, for greedy longest match. Edges lie in one hash table, to be small and near.</summary>
sealed class PieceTrie
{
    const string Continuation = "##";
    const int WordRoot = 0, ContinuationRoot = 1, NoToken = -1;

    ulong[] _edges;             // ((parent << 8 | byte) + 1) << 32 | child << 1 | whether a token ends there; 0 is free
    int _shift;
    readonly int[] _tokens;     // the token that ends at a node

    public PieceTrie(Vocabulary vocabulary)
    {
        var texts = vocabulary.Tokens.Select(Encoding.UTF8.GetBytes).ToArray();
        (_edges, _shift) = NewTable(texts.Sum(text => text.Length));
        var tokens = new List<int> { NoToken, NoToken };
        for (var id = 0; id < texts.Length; id++)
        {
            var continues = vocabulary[id].StartsWith(Continuation, StringComparison.Ordinal) && vocabulary[id].Length > Continuation.Length;
            Add(texts[id].AsSpan(continues ? Continuation.Length : 0), continues ? ContinuationRoot : WordRoot, id, tokens);
        }
        _tokens = [.. tokens];

        // Now that tokens have shared their beginnings, most of the table is empty: a smaller one fits the processor's cache.
        var built = _edges;
        (_edges, _shift) = NewTable(_tokens.Length);
        foreach (var edge in built)
            if (edge != 0) _edges[Find((uint)(edge >> 32))] = edge;
    }

    static (ulong[] Edges, int Shift) NewTable(int maxEdges)
    {
        var capacity = BitOperations.RoundUpToPowerOf2((uint)maxEdges * 2 + 2);
        return (new ulong[capacity], 32 - BitOperations.Log2(capacity));
    }

    void Add(ReadOnlySpan<byte> text, int root, int id, List<int> tokens)
    {
        var node = root;
        for (var i = 0; i < text.Length; i++)
        {
            ref var edge = ref _edges[Find(Key(node, text[i]))];
            if (edge == 0)
            {
                edge = (ulong)Key(node, text[i]) << 32 | (uint)tokens.Count << 1;
                tokens.Add(NoToken);
            }
            node = (int)((uint)edge >> 1);
            if (i == text.Length - 1) edge |= 1;
        }
        tokens[node] = id;
    }

    /// <summary>Splits a word into the longest pieces from the left.</summary>
    /// <param name="word">Valid UTF-8; tokens are too, so that no piece ends inside a character.</param>
    /// <param name="ids">Room for as many ids as the word has bytes.</param>
    /// <param name="ends">Where each piece ends, in bytes of the word; may be empty if nobody asks.</param>
    /// <returns>The number of pieces; 0 if a part matches no piece, which makes the word unknown.</returns>
    public int Split(ReadOnlySpan<byte> word, Span<int> ids, Span<int> ends = default)
    {
        var count = 0;
        for (var start = 0; start < word.Length;)
        {
            var node = start == 0 ? WordRoot : ContinuationRoot;
            var (last, end) = (node, start);
            for (var index = start; index < word.Length; index++)
            {
                var edge = _edges[Find(Key(node, word[index]))];
                if (edge == 0) break;
                node = (int)((uint)edge >> 1);
                if ((edge & 1) != 0) (last, end) = (node, index + 1);
            }
            if (end == start) return 0;
            if (!ends.IsEmpty) ends[count] = end;
            ids[count++] = _tokens[last];
            start = end;
        }
        return count;
    }

    static uint Key(int node, byte value) => ((uint)node << 8 | value) + 1;

    int Find(uint key)
    {
        var slot = (int)(key * 0x9E3779B9u >> _shift);
        while (_edges[slot] != 0 && (uint)(_edges[slot] >> 32) != key) slot = (slot + 1) & (_edges.Length - 1);
        return slot;
    }
}
