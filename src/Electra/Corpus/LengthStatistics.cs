namespace Electra.Corpus;

/// <summary>How long the documents or sentences of a split are, in tokens.</summary>
/// <param name="Mean">Average.</param>
/// <param name="Shortest">Least.</param>
/// <param name="Median">Half are shorter.</param>
/// <param name="Percentile95">95 in 100 are shorter.</param>
/// <param name="Longest">Most.</param>
public sealed record LengthStatistics(double Mean, long Shortest, long Median, long Percentile95, long Longest)
{
    /// <summary>Passes over the sentence lengths of a split.</summary>
    /// <exception cref="InvalidDataException">The split's files are damaged.</exception>
    public static (LengthStatistics Documents, LengthStatistics Sentences) Of(DatasetSplit split)
    {
        var (documents, sentences) = (new SortedDictionary<long, long>(), new SortedDictionary<long, long>());
        var (current, length) = (-1L, 0L);
        for (var block = 0; block < split.NumBlocks; block++)
        {
            var layout = split.ReadLayout(block);
            for (var sentence = 0; sentence < layout.NumSentences; sentence++) Count(sentences, layout.EndOf(sentence) - layout.StartOf(sentence));
            for (var document = 0; document < layout.NumDocuments; document++)
            {
                // A long document goes on in the next block.
                if (layout.NumberInSplit(document) != current && length > 0)
                {
                    Count(documents, length);
                    length = 0;
                }
                current = layout.NumberInSplit(document);
                length += layout.EndOfDocument(document) - layout.StartOfDocument(document);
            }
        }
        if (length > 0) Count(documents, length);
        return (Summarise(documents), Summarise(sentences));
    }

    static void Count(SortedDictionary<long, long> counts, long length) => counts[length] = counts.GetValueOrDefault(length) + 1;

    static LengthStatistics Summarise(SortedDictionary<long, long> counts)
    {
        if (counts.Count == 0) return new LengthStatistics(0, 0, 0, 0, 0);
        var number = counts.Values.Sum();
        return new LengthStatistics(
            (double)counts.Sum(entry => entry.Key * entry.Value) / number, counts.Keys.First(), At(0.5), At(0.95), counts.Keys.Last());

        long At(double share)
        {
            var below = 0L;
            foreach (var (length, count) in counts)
                if ((below += count) >= share * number) return length;
            return counts.Keys.Last();
        }
    }
}
