namespace Electra.Corpus;

/// <summary>
/// RoBERTa's FULL-SENTENCES and DOC-SENTENCES (Liu et al. 2019, section 4.2): consecutive sentences up to the length.
/// A sentence longer than an example is divided, and its rest begins the next one. Draws no numbers: every epoch cuts the same.
/// </summary>
static class SentencePacking
{
    public static void Cut(BlockLayout layout, int maxLength, bool crossesDocuments, List<ExampleSpan> spans)
    {
        var capacity = maxLength - ExampleCutter.SpecialTokensOfOne;
        var (start, used) = (0, 0);
        for (var document = 0; document < layout.NumDocuments; document++)
        {
            if (!crossesDocuments) End(layout.StartOfDocument(document));
            var (first, end) = layout.SentencesOf(document);
            for (var sentence = first; sentence < end; sentence++)
            {
                // Between documents stands a separator.
                var added = layout.EndOf(sentence) - layout.StartOf(sentence) + (sentence == first && used > 0 ? 1 : 0);
                if (used + added > capacity)
                {
                    End(layout.StartOf(sentence));
                    while (layout.EndOf(sentence) - start > capacity) End(start + capacity, isFull: true);
                    added = layout.EndOf(sentence) - start;
                }
                used += added;
            }
        }
        End(layout.NumTokens);

        void End(int end, bool isFull = false)
        {
            if (used > 0 || isFull) spans.Add(new ExampleSpan(start, end, SecondStart: end));
            (start, used) = (end, 0);
        }
    }
}
