using System.Text.Unicode;

namespace Electra.Tokenization;

/// <summary>Counts the words of any amount of text on all cores, in bounded memory and with a result that does not depend on the cores.</summary>
static class WordCounter
{
    const int BatchBytes = 4 << 20;

    /// <summary>Adds the words of one line of valid UTF-8 to the counts. Made once per batch, so that it may keep buffers.</summary>
    public delegate void CountLine(ReadOnlySpan<byte> line, WordCounts counts);

    /// <summary>Counts the words of all <paramref name="lines"/>; each need only be valid until the next is asked for.</summary>
    /// <param name="newCounter">Makes the function that splits a line; its own for each batch.</param>
    /// <param name="report">Is told in a line of text how far it is; may be null.</param>
    public static WordCounts Count(
        IEnumerable<ReadOnlyMemory<byte>> lines, Func<CountLine> newCounter, VocabularyTrainingConfig config, Action<string>? report, CancellationToken stop)
    {
        var workers = config.Workers ?? Environment.ProcessorCount;
        var (all, bytes, floor) = (new WordCounts(), 0L, 0L);
        var underway = new Queue<Task<WordCounts>>();
        foreach (var batch in Batches(lines))
        {
            stop.ThrowIfCancellationRequested();
            if (underway.Count > workers) Collect();
            underway.Enqueue(Task.Run(() => CountBatch(batch, newCounter()), stop));
            bytes += batch.Bytes.Count;
        }
        while (underway.Count > 0) Collect();
        report?.Invoke($"counted {all.Total:N0} words, {all.Distinct:N0} of them distinct, in {bytes / 1e6:N1} MB");
        return all;

        // In the order of the text, so that what is dropped for want of room is the same with any number of workers.
        void Collect()
        {
            all.Add(underway.Dequeue().GetAwaiter().GetResult());
            if (all.Distinct <= config.MaxDistinctWords) return;
            while (all.Distinct > config.MaxDistinctWords / 2) all = all.MoreFrequentThan(++floor);
            report?.Invoke($"more than {config.MaxDistinctWords:N0} distinct words: dropped those seen {floor:N0} times or less in the first {bytes / 1e6:N0} MB");
        }
    }

    static WordCounts CountBatch(Batch batch, CountLine count)
    {
        var counts = new WordCounts();
        var start = 0;
        foreach (var end in batch.Ends)
        {
            var line = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(batch.Bytes)[start..end];
            count(Utf8.IsValid(line) ? line : Utf8Text.Valid(line), counts);
            start = end;
        }
        return counts;
    }

    static IEnumerable<Batch> Batches(IEnumerable<ReadOnlyMemory<byte>> lines)
    {
        var batch = new Batch([], []);
        foreach (var line in lines)
        {
            batch.Bytes.AddRange(line.Span);
            batch.Ends.Add(batch.Bytes.Count);
            if (batch.Bytes.Count < BatchBytes) continue;
            yield return batch;
            batch = new Batch(new List<byte>(BatchBytes * 2), []);
        }
        if (batch.Ends.Count > 0) yield return batch;
    }

    /// <summary>Lines one behind the other, with the end of each.</summary>
    sealed record Batch(List<byte> Bytes, List<int> Ends);
}
