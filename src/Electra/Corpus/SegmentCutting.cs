using Electra.Randomness;

namespace Electra.Corpus;

/// <summary>
/// ELECTRA's segments (google-research/electra, build_pretraining_dataset.py), with two differences: tokens that do not fit begin the next example
/// instead of being dropped, and a sentence never joins the first segment once the second has begun, so that an example is one stretch of text.
/// </summary>
static class SegmentCutting
{
    const double ShortProbability = 0.05, OneSegmentProbability = 0.1;
    const int ShortestTarget = 5, NoLimit = 100_000;

    public static void Cut(BlockLayout layout, int maxLength, ref CounterRandom random, List<ExampleSpan> spans)
    {
        for (var document = 0; document < layout.NumDocuments; document++)
        {
            var (sentence, endSentence) = layout.SentencesOf(document);
            var start = layout.StartOf(sentence);
            while (sentence < endSentence)
            {
                var target = random.NextDouble() < ShortProbability ? ShortestTarget + random.NextInt32(maxLength - ShortestTarget + 1) : maxLength;
                var last = sentence;
                while (layout.EndOf(last) - start < target && last + 1 < endSentence) last++;

                var span = Divide(layout, start, sentence, last, target, maxLength, ref random);
                spans.Add(span);
                start = span.End;
                while (sentence < endSentence && layout.EndOf(sentence) <= start) sentence++;
            }
        }
    }

    /// <summary>Divides the text from <paramref name="start"/> to the end of the sentence <paramref name="last"/> into segments, and leaves what is too much.</summary>
    static ExampleSpan Divide(BlockLayout layout, int start, int sentence, int last, int target, int maxLength, ref CounterRandom random)
    {
        var firstTarget = random.NextDouble() < OneSegmentProbability ? NoLimit : (target - ExampleCutter.SpecialTokensOfTwo) / 2;
        var firstEnd = layout.EndOf(sentence);
        for (var next = sentence + 1; next <= last; next++)
        {
            var fits = layout.EndOf(next) - start < firstTarget;
            if (!fits && (firstEnd - start >= firstTarget || random.NextDouble() >= 0.5)) break;
            firstEnd = layout.EndOf(next);
        }

        firstEnd = Math.Min(firstEnd, start + maxLength - ExampleCutter.SpecialTokensOfOne);
        var room = Math.Max(0, maxLength - ExampleCutter.SpecialTokensOfTwo - (firstEnd - start));
        return new ExampleSpan(start, Math.Min(firstEnd + room, layout.EndOf(last)), firstEnd);
    }
}
