namespace Electra.Corpus;

/// <summary>How often each token occurs.</summary>
public static class TokenFrequencies
{
    /// <summary>Occurrences in a split, by id.</summary>
    public static long[] Count(DatasetSplit split, int vocabularySize)
    {
        var counts = new long[vocabularySize];
        var ids = new int[DatasetFormat.MaxBlockTokens];
        for (var block = 0; block < split.NumBlocks; block++)
        {
            var length = split.ReadLayout(block).NumTokens;
            if (ids.Length < length) ids = new int[length];
            split.ReadTokens(block, 0, ids.AsSpan(0, length));
            foreach (var id in ids.AsSpan(0, length)) counts[id]++;
        }
        return counts;
    }
}
