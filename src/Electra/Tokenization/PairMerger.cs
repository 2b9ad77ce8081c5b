using System.Runtime.InteropServices;

namespace Electra.Tokenization;

/// <summary>Learns pieces from counted words: joins the most frequent pair of neighbouring pieces, again and again (Sennrich et al. 2016).</summary>
/// <remarks>Each pair knows its words, so that a join looks only at those. Of equally frequent pairs the first in ordinal order of text wins.</remarks>
/// <param name="pieces">The alphabet; new pieces are added behind it.</param>
/// <param name="join">The text of two neighbouring pieces joined. Two pairs may give the same text, which is one piece.</param>
sealed class PairMerger(List<string> pieces, Func<string, string, string> join)
{
    const int ReportEvery = 5_000;

    readonly Dictionary<string, int> _ids = pieces.Select((piece, id) => (piece, id)).ToDictionary(entry => entry.piece, entry => entry.id);
    readonly Dictionary<ulong, int> _pairIds = [];
    readonly List<Pair> _pairs = [];
    readonly List<long> _pairCounts = [];
    readonly List<int> _raised = []; // pairs that have become more frequent since the queue was filled

    // All words one behind the other. A word of n pieces has n - 1 pairs, each stored at the place of its left piece.
    readonly List<Word> _words = [];
    readonly List<int> _piecesOfWords = [];
    readonly List<int> _pairsOfWords = [];

    record struct Word(int Start, int Length, long Count);

    sealed class Pair(int left, int right)
    {
        public readonly int Left = left, Right = right;
        public readonly List<int> Words = []; // those that held the pair once; it may be gone from some
        public bool IsRaised;
    }

    /// <summary>The pairs joined, in order.</summary>
    public List<(string Left, string Right)> Merges { get; } = [];

    /// <summary>Adds a word as pieces of the alphabet, seen <paramref name="count"/> times.</summary>
    public void Add(ReadOnlySpan<int> word, long count)
    {
        if (word.Length < 2) return;
        var index = _words.Count;
        _words.Add(new Word(_piecesOfWords.Count, word.Length, count));
        _piecesOfWords.AddRange(word);
        for (var i = 1; i < word.Length; i++) _pairsOfWords.Add(CountPair(word[i - 1], word[i], index, count));
        _pairsOfWords.Add(-1);
    }

    /// <summary>Joins pairs until there are <paramref name="size"/> pieces or no pair is as frequent as <paramref name="minFrequency"/>.</summary>
    public void Learn(int size, long minFrequency, Action<string>? report, CancellationToken stop)
    {
        var queue = new PriorityQueue<int, (long Count, int Pair)>(Comparer<(long Count, int Pair)>.Create(FrequentFirst));
        var nextReport = pieces.Count + ReportEvery;
        while (true)
        {
            foreach (var pair in _raised)
            {
                _pairs[pair].IsRaised = false;
                if (_pairCounts[pair] >= minFrequency) queue.Enqueue(pair, (_pairCounts[pair], pair));
            }
            _raised.Clear();
            if (pieces.Count >= size || !queue.TryDequeue(out var best, out var priority)) return;
            stop.ThrowIfCancellationRequested();

            if (_pairCounts[best] == priority.Count) Join(_pairs[best]);
            else _raised.Add(best); // it has become rarer since it joined the queue

            if (pieces.Count < nextReport) continue;
            report?.Invoke($"learnt {pieces.Count:N0} of {size:N0} tokens");
            nextReport += ReportEvery;
        }
    }

    void Join(Pair pair)
    {
        var (left, right) = (pieces[pair.Left], pieces[pair.Right]);
        Merges.Add((left, right));
        var text = join(left, right);
        if (!_ids.TryGetValue(text, out var joined))
        {
            joined = pieces.Count;
            _ids.Add(text, joined);
            pieces.Add(text);
        }
        foreach (var word in pair.Words) Join(word, pair, joined);
        pair.Words.Clear();
        pair.Words.TrimExcess();
    }

    /// <summary>Joins a pair from the left wherever the word holds it. Pairs that touch no join stay as they are.</summary>
    void Join(int index, Pair pair, int joined)
    {
        ref var word = ref CollectionsMarshal.AsSpan(_words)[index];
        var old = CollectionsMarshal.AsSpan(_piecesOfWords).Slice(word.Start, word.Length);
        var oldPairs = CollectionsMarshal.AsSpan(_pairsOfWords).Slice(word.Start, word.Length);
        var (length, lastIsJoined) = (0, false);
        for (var i = 0; i < old.Length;)
        {
            var isJoined = old[i] == pair.Left && i + 1 < old.Length && old[i + 1] == pair.Right;
            var piece = isJoined ? joined : old[i];
            if (length > 0 && !isJoined && !lastIsJoined) oldPairs[length - 1] = oldPairs[i - 1];
            else if (length > 0)
            {
                _pairCounts[oldPairs[i - 1]] -= word.Count;
                oldPairs[length - 1] = CountPair(old[length - 1], piece, index, word.Count);
            }
            if (isJoined) _pairCounts[oldPairs[i]] -= word.Count;
            old[length++] = piece;
            lastIsJoined = isJoined;
            i += isJoined ? 2 : 1;
        }
        word.Length = length;
    }

    /// <summary>Counts a pair that is new to the word <paramref name="index"/>, and returns its number.</summary>
    int CountPair(int left, int right, int index, long count)
    {
        ref var id = ref CollectionsMarshal.GetValueRefOrAddDefault(_pairIds, (ulong)(uint)left << 32 | (uint)right, out var isKnown);
        if (!isKnown)
        {
            id = _pairs.Count;
            _pairs.Add(new Pair(left, right));
            _pairCounts.Add(0);
        }
        var pair = _pairs[id];
        _pairCounts[id] += count;
        if (pair.Words is not [.., var last] || last != index) pair.Words.Add(index);
        if (!pair.IsRaised)
        {
            pair.IsRaised = true;
            _raised.Add(id);
        }
        return id;
    }

    int FrequentFirst((long Count, int Pair) a, (long Count, int Pair) b)
    {
        if (a.Count != b.Count) return b.Count.CompareTo(a.Count);
        var left = string.CompareOrdinal(pieces[_pairs[a.Pair].Left], pieces[_pairs[b.Pair].Left]);
        return left != 0 ? left : string.CompareOrdinal(pieces[_pairs[a.Pair].Right], pieces[_pairs[b.Pair].Right]);
    }
}
