using Electra.Randomness;

namespace Electra.Corpus;

/// <summary>
/// BERT's pairs (google-research/bert, create_pretraining_data.py): sentences are collected up to the length, the first part ends at a random
/// sentence; then the rest is the second part, or a random document gives one and the rest is put back. A sentence left alone must take a random
/// partner. In the reference these come on top, 56 random pairs in 100 on Wikipedia at 128 tokens; here later pairs make up for them, so that half are.
/// </summary>
static class SentencePairCutting
{
    const double ShortProbability = 0.1, RandomPartnerProbability = 0.5;
    const int ShortestTarget = 2;

    public static void Cut(BlockLayout layout, int maxLength, ref CounterRandom random, List<ExampleSpan> spans)
    {
        var capacity = maxLength - ExampleCutter.SpecialTokensOfTwo;
        var numOwed = 0; // pairs that were random though chance said otherwise
        for (var document = 0; document < layout.NumDocuments; document++)
        {
            var target = random.NextDouble() < ShortProbability ? ShortestTarget + random.NextInt32(capacity - ShortestTarget + 1) : capacity;
            var (first, endOfDocument) = layout.SentencesOf(document);
            while (first < endOfDocument)
            {
                var start = layout.StartOf(first);
                var end = first + 1;
                while (end < endOfDocument && layout.StartOf(end) - start < target) end++;

                var second = end - first > 1 ? first + 1 + random.NextInt32(end - first - 1) : end;
                var secondStart = layout.StartOf(second);
                var isAlone = second == end;
                var isRandom = random.NextDouble() < RandomPartnerProbability;
                if (isAlone && !isRandom) numOwed++;
                if (!isAlone && isRandom && numOwed > 0) (isRandom, numOwed) = (false, numOwed - 1);
                if (isAlone || isRandom)
                {
                    spans.Add(new ExampleSpan(start, secondStart, secondStart, PartnerTokens: Math.Max(1, target - (secondStart - start))));
                    first = second;
                    continue;
                }
                spans.Add(new ExampleSpan(start, layout.StartOf(end), secondStart));
                first = end;
            }
        }
    }
}
