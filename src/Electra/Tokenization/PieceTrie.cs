using System.Numerics;
using System.Text;

namespace Electra.Tokenization;

/// <summary>The vocabulary as a tree over UTF-8 bytes, for greedy longest match. Edges lie in one hash table.</summary>
sealed class PieceTrie
{
    const string Continuation = "##";
    const int WordRoot = 0, ContinuationRoot = 1, NoToken = -1;

    readonly ulong[] _edges;    // ((node << 8 | byte) + 1) << 32 | child; 0 is free
    readonly int[] _tokens;     // the token that ends at a node
    readonly int _shift;

    public PieceTrie(Vocabulary vocabulary)
    {
        var texts = vocabulary.Tokens.Select(Encoding.UTF8.GetBytes).ToArray();
        var maxNodes = 2 + texts.Sum(text => text.Length);
        var capacity = (int)BitOperations.RoundUpToPowerOf2((uint)maxNodes * 2);
        _edges = new ulong[capacity];
        _shift = 32 - BitOperations.Log2((uint)capacity);
        var tokens = new List<int> { NoToken, NoToken };
        for (var id = 0; id < texts.Length; id++)
        {
            var continues = vocabulary[id].StartsWith(Continuation) && vocabulary[id].Length > Continuation.Length;
            var node = continues ? ContinuationRoot : WordRoot;
            foreach (var value in texts[id].AsSpan(continues ? Continuation.Length : 0))
            {
                ref var edge = ref _edges[Find(node, value)];
                if (edge == 0)
                {
                    edge = (ulong)Key(node, value) << 32 | (uint)tokens.Count;
                    tokens.Add(NoToken);
                }
                node = (int)(uint)edge;
            }
            tokens[node] = id;
        }
        _tokens = [.. tokens];
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
            var (token, end) = (NoToken, start);
            for (var index = start; index < word.Length; index++)
            {
                var edge = _edges[Find(node, word[index])];
                if (edge == 0) break;
                node = (int)(uint)edge;
                if (_tokens[node] == NoToken) continue;
                token = _tokens[node];
                end = index + 1;
            }
            if (token == NoToken) return 0;
            if (!ends.IsEmpty) ends[count] = end;
            ids[count++] = token;
            start = end;
        }
        return count;
    }

    static uint Key(int node, byte value) => ((uint)node << 8 | value) + 1;

    int Find(int node, byte value)
    {
        var key = Key(node, value);
        var slot = (int)(key * 0x9E3779B9u >> _shift);
        while (_edges[slot] != 0 && (uint)(_edges[slot] >> 32) != key) slot = (slot + 1) & (_edges.Length - 1);
        return slot;
    }
}
