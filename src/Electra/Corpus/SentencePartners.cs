using Electra.Randomness;

namespace Electra.Corpus;

/// <summary>Random second parts for next sentence prediction, and the shortening of pairs that are too long.</summary>
sealed class SentencePartners(DatasetSplit split)
{
    /// <summary>Draws before the blocks are searched one after another, which matters when one document fills nearly all of them.</summary>
    const int NumDraws = 10;

    /// <summary>Sentences from a random place of another document: of a random block, a random document, from a random sentence on.</summary>
    /// <param name="own">Number in the split of the document that seeks a partner.</param>
    /// <param name="numTokens">The last sentence is the one that reaches this, or the document's last in the block.</param>
    /// <param name="random">Draws.</param>
    public (int Block, int Start, int Length) Draw(long own, int numTokens, ref CounterRandom random)
    {
        var block = 0;
        for (var draw = 0; ; draw++)
        {
            block = draw < NumDraws ? random.NextInt32(split.NumBlocks) : (block + 1) % split.NumBlocks;
            var layout = split.ReadLayout(block);
            var document = random.NextInt32(layout.NumDocuments);
            if (layout.NumberInSplit(document) == own)
            {
                if (layout.NumDocuments == 1) continue;
                document = (document + 1) % layout.NumDocuments;
            }
            var (first, end) = layout.SentencesOf(document);
            first += random.NextInt32(end - first);
            var last = first;
            while (last + 1 < end && layout.EndOf(last) - layout.StartOf(first) < numTokens) last++;
            return (block, layout.StartOf(first), layout.EndOf(last) - layout.StartOf(first));
        }
    }

    /// <summary>Takes single tokens from the longer part, from its front or its back by chance, until both fit.</summary>
    public static void Truncate(ref int firstStart, ref int firstLength, ref int secondStart, ref int secondLength, int capacity, ref CounterRandom random)
    {
        while (firstLength + secondLength > capacity)
        {
            ref var start = ref firstLength > secondLength ? ref firstStart : ref secondStart;
            ref var length = ref firstLength > secondLength ? ref firstLength : ref secondLength;
            if (random.NextDouble() < 0.5) start++;
            length--;
        }
    }
}
