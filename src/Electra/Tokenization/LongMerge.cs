namespace Electra.Tokenization;

/// <summary>The merges of one very long word, in n log n steps where looking at every pair would take n squared.</summary>
static class LongMerge
{
    const int Gone = -1;

    /// <summary>Joins the pair of lowest rank, the leftmost first, until none is left; returns how many tokens remain at the front of <paramref name="ids"/>.</summary>
    public static int Merge(Span<int> ids, MergeTable merges)
    {
        var (next, previous) = (new int[ids.Length], new int[ids.Length]);
        for (var i = 0; i < ids.Length; i++) (next[i], previous[i]) = (i + 1, i - 1);

        var waiting = new PriorityQueue<(int At, int Left, int Right), (ulong Merge, int At)>();
        for (var i = 0; i + 1 < ids.Length; i++) Offer(waiting, ids, i, i + 1, merges);
        while (waiting.TryDequeue(out var pair, out _))
        {
            var (left, right) = (pair.At, next[pair.At]);
            if (right >= ids.Length || ids[left] != pair.Left || ids[right] != pair.Right) continue; // an earlier merge took a part of it

            ids[left] = MergeTable.TokenOf(merges.Of(ids[left], ids[right]));
            ids[right] = Gone;
            next[left] = next[right];
            if (next[left] < ids.Length)
            {
                previous[next[left]] = left;
                Offer(waiting, ids, left, next[left], merges);
            }
            if (previous[left] >= 0) Offer(waiting, ids, previous[left], left, merges);
        }

        var count = 0;
        for (var i = 0; i < ids.Length; i = next[i]) ids[count++] = ids[i];
        return count;
    }

    static void Offer(PriorityQueue<(int, int, int), (ulong, int)> waiting, Span<int> ids, int left, int right, MergeTable merges)
    {
        var merge = merges.Of(ids[left], ids[right]);
        if (merge != MergeTable.None) waiting.Enqueue((left, ids[left], ids[right]), (merge, left));
    }
}
