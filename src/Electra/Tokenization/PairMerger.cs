using System.Runtime.InteropServices;

namespace Electra.Tokenization;

/// <summary>Learns pieces from counted words: joins the most frequent pair of neighbouring pieces, again and again (Sennrich et al. 2016).</summary>
/// <remarks>Each pair knows its words, so that a join looks only at those. Of equally frequent pairs the first in ordinal order of text wins.</remarks>
/// <param name="pieces">The alphabet; new pieces are added behind it.</param>
/// <param name="join">The text of two neighbouring pieces joined. Two pairs may give the same text, which is one piece.</param>
sealed class PairMerger(List<string> pieces, Func<string, string, string> join)
{
    readonly Dictionary<string, int> _ids = pieces.Select((piece, id) => (piece, id)).ToDictionary(entry => entry.piece, entry => entry.id);
    readonly Dictionary<ulong, Pair> _pairs = [];
    readonly List<Word> _words = [];

    sealed class Pair(int left, int right)
    {
        public readonly int Left = left, Right = right;
        public readonly List<int> Words = []; // those that held the pair once; it may be gone from some
        public long Count;
        public bool IsRaised;
    }

    record struct Word(int[] Pieces, int Length, long Count);

    /// <summary>The pairs joined, in order.</summary>
    public List<(string Left, string Right)> Merges { get; } = [];

    /// <summary>Adds a word as pieces of the alphabet, seen <paramref name="count"/> times.</summary>
    public void Add(int[] word, long count)
    {
        if (word.Length > 1) _words.Add(new Word(word, word.Length, count));
    }

    /// <summary>Joins pairs until there are <paramref name="size"/> pieces or no pair is as frequent as <paramref name="minFrequency"/>.</summary>
    public void Learn(int size, long minFrequency, Action<string>? report, CancellationToken stop)
    {
        const int ReportEvery = 5_000;
        var queue = new PriorityQueue<Pair, (long Count, Pair Pair)>(Comparer<(long Count, Pair Pair)>.Create(FrequentFirst));
        var raised = new List<Pair>();
        var nextReport = pieces.Count + ReportEvery;
        for (var word = 0; word < _words.Count; word++) CountPairs(word, raised, joined: null);
        while (true)
        {
            foreach (var pair in raised)
            {
                pair.IsRaised = false;
                if (pair.Count >= minFrequency) queue.Enqueue(pair, (pair.Count, pair));
            }
            raised.Clear();
            if (pieces.Count >= size || !queue.TryDequeue(out var best, out var priority)) return;
            stop.ThrowIfCancellationRequested();

            if (best.Count == priority.Count) Join(best, raised);
            else raised.Add(best); // it has become rarer since it joined the queue

            if (pieces.Count < nextReport) continue;
            report?.Invoke($"learnt {pieces.Count:N0} of {size:N0} tokens");
            nextReport += ReportEvery;
        }
    }

    void Join(Pair pair, List<Pair> raised)
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
        foreach (var index in CollectionsMarshal.AsSpan(pair.Words))
        {
            ref var word = ref CollectionsMarshal.AsSpan(_words)[index];
            if (!Holds(word, pair)) continue;
            UncountPairs(word);
            word.Length = Join(word.Pieces.AsSpan(0, word.Length), pair, joined);
            CountPairs(index, raised, joined);
        }
        pair.Words.Clear();
        pair.Words.TrimExcess();
    }

    static bool Holds(Word word, Pair pair)
    {
        for (var i = 1; i < word.Length; i++)
            if (word.Pieces[i - 1] == pair.Left && word.Pieces[i] == pair.Right) return true;
        return false;
    }

    /// <summary>Joins from the left; returns the new length.</summary>
    static int Join(Span<int> word, Pair pair, int joined)
    {
        var length = 0;
        for (var i = 0; i < word.Length; i++)
        {
            var isPair = word[i] == pair.Left && i + 1 < word.Length && word[i + 1] == pair.Right;
            word[length++] = isPair ? joined : word[i];
            if (isPair) i++;
        }
        return length;
    }

    void UncountPairs(Word word)
    {
        for (var i = 1; i < word.Length; i++) _pairs[Key(word.Pieces[i - 1], word.Pieces[i])].Count -= word.Count;
    }

    /// <summary>Counts the pairs of a word; those with the piece <paramref name="joined"/>, or all if it is null, are new to it.</summary>
    void CountPairs(int index, List<Pair> raised, int? joined)
    {
        var word = _words[index];
        for (var i = 1; i < word.Length; i++)
        {
            var (left, right) = (word.Pieces[i - 1], word.Pieces[i]);
            ref var pair = ref CollectionsMarshal.GetValueRefOrAddDefault(_pairs, Key(left, right), out _);
            pair ??= new Pair(left, right);
            pair.Count += word.Count;
            if (joined is not null && left != joined && right != joined) continue;
            if (pair.Words is not [.., var last] || last != index) pair.Words.Add(index);
            if (pair.IsRaised) continue;
            pair.IsRaised = true;
            raised.Add(pair);
        }
    }

    int FrequentFirst((long Count, Pair Pair) a, (long Count, Pair Pair) b)
    {
        if (a.Count != b.Count) return b.Count.CompareTo(a.Count);
        var left = string.CompareOrdinal(pieces[a.Pair.Left], pieces[b.Pair.Left]);
        return left != 0 ? left : string.CompareOrdinal(pieces[a.Pair.Right], pieces[b.Pair.Right]);
    }

    static ulong Key(int left, int right) => (ulong)(uint)left << 32 | (uint)right;
}
