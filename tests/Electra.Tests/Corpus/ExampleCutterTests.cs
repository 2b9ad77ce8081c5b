using CsCheck;
using Electra.Corpus;

namespace Electra.Tests.Corpus;

public sealed class ExampleCutterTests
{
    /// <summary>Documents as lists of sentence lengths.</summary>
    static readonly Gen<int[][]> Documents = Gen.Frequency((20, Gen.Int[1, 60]), (1, Gen.Int[1, 900])).Array[1, 12].Array[1, 8];

    static readonly CuttingRule[] AllRules = Enum.GetValues<CuttingRule>();

    [Fact]
    public void All_rules_but_pairs_cover_every_token_once_and_in_order() =>
        Gen.Select(Documents, Gen.Int[8, 130], Gen.ULong).Sample((documents, maxLength, seed) =>
        {
            foreach (var rule in (CuttingRule[])[CuttingRule.Segments, CuttingRule.FullSentences, CuttingRule.DocumentSentences])
            {
                var layout = LayoutOf(documents);
                var end = 0;
                foreach (var span in ExampleCutter.Cut(layout, rule, maxLength, seed, epoch: 1, block: 2))
                {
                    Assert.Equal(end, span.Start);
                    Assert.True(span.End > span.Start && span.SecondStart > span.Start && span.SecondStart <= span.End);
                    end = span.End;
                }
                Assert.Equal(layout.NumTokens, end);
            }
        });

    [Fact]
    public void No_example_is_longer_than_asked_with_its_special_tokens() =>
        Gen.Select(Documents, Gen.Int[8, 130], Gen.ULong).Sample((documents, maxLength, seed) =>
        {
            var layout = LayoutOf(documents);
            foreach (var span in ExampleCutter.Cut(layout, CuttingRule.Segments, maxLength, seed, 0, 0))
                Assert.InRange(span.End - span.Start + (span.SecondStart < span.End ? 3 : 2), 3, maxLength);
            foreach (var span in ExampleCutter.Cut(layout, CuttingRule.DocumentSentences, maxLength, seed, 0, 0))
                Assert.InRange(span.End - span.Start + 2, 3, maxLength);
            foreach (var span in ExampleCutter.Cut(layout, CuttingRule.FullSentences, maxLength, seed, 0, 0))
                Assert.InRange(span.End - span.Start + 2 + layout.DocumentAt(span.End - 1) - layout.DocumentAt(span.Start), 3, maxLength);
        });

    [Fact]
    public void Only_full_sentences_cross_documents() =>
        Gen.Select(Documents, Gen.Int[8, 130], Gen.ULong).Sample((documents, maxLength, seed) =>
        {
            var layout = LayoutOf(documents);
            foreach (var rule in AllRules.Except([CuttingRule.FullSentences]))
                Assert.All(ExampleCutter.Cut(layout, rule, maxLength, seed, 0, 0), span => Assert.Equal(layout.DocumentAt(span.Start), layout.DocumentAt(span.End - 1)));
        });

    [Fact]
    public void Cutting_is_a_function_of_its_arguments_alone() =>
        Gen.Select(Documents, Gen.ULong, Gen.Int[0, 9]).Sample((documents, seed, epoch) =>
        {
            foreach (var rule in AllRules)
                Assert.Equal(ExampleCutter.Cut(LayoutOf(documents), rule, 32, seed, epoch, 4), ExampleCutter.Cut(LayoutOf(documents), rule, 32, seed, epoch, 4));
        });

    [Fact]
    public void Full_sentences_are_packed_as_counted_by_hand()
    {
        // At most 10 tokens: 8 without start and separator. | ends a document.
        // 3 4 | 1 1 6 | 20 2
        var layout = LayoutOf([3, 4], [1, 1, 6], [20, 2]);

        Assert.Equal(
            [(0, 7), (7, 15), (15, 23), (23, 31), (31, 37)], // 3+4 (the separator and 1 do not fit); 1+1+6; 8 and 8 of 20; its last 4 and 2
            Cut(layout, CuttingRule.FullSentences, 10));
        Assert.Equal([(0, 9), (9, 15), (15, 25), (25, 35), (35, 37)], Cut(layout, CuttingRule.FullSentences, 12)); // 3+4+separator+1+1; 6; 10; 10; 2
        Assert.Equal([(0, 7), (7, 15), (15, 25), (25, 35), (35, 37)], Cut(layout, CuttingRule.DocumentSentences, 12));
    }

    [Fact]
    public void A_long_sentence_is_carried_over_from_segment_to_segment()
    {
        var layout = LayoutOf([300]);

        // Short targets do not matter: one sentence alone is cut to the length only.
        Assert.Equal([(0, 126), (126, 252), (252, 300)], Cut(layout, CuttingRule.Segments, 128));
    }

    [Fact]
    public void Segments_have_the_references_shares()
    {
        var spans = ManySpans(CuttingRule.Segments, 128);
        var full = spans.Where(span => span.End - span.Start >= 125).ToList();

        // 5 % of targets are uniform over [5, 128]. Sentences of 10 take a target t to ceil(t / 10) * 10 tokens, which reaches 125 for t over 120:
        // 8 of 124. So 5 % * 116 / 124 = 4.7 % stay shorter.
        Assert.InRange(1 - (double)full.Count / spans.Count, 0.042, 0.052);
        // 10 % are one segment, of 126 tokens.
        Assert.InRange((double)full.Count(span => span.SecondStart == span.End) / full.Count, 0.092, 0.108);
    }

    [Fact]
    public void The_first_segment_is_about_half_of_the_text()
    {
        var two = ManySpans(CuttingRule.Segments, 128).Where(span => span.End - span.Start == 125 && span.SecondStart < span.End).ToList();

        // Sentences of 10, the first of them carried over in part, join while the sum stays under 62; one more joins by a coin.
        Assert.InRange(two.Count(span => span.SecondStart - span.Start is > 51 and < 72) / (double)two.Count, 0.95, 1);
        Assert.InRange(two.Average(span => (span.SecondStart - span.Start) / 125.0), 0.49, 0.55);
    }

    [Fact]
    public void Pairs_begin_at_sentences_and_put_the_rest_back()
    {
        var layout = LayoutOf(Enumerable.Repeat(10, 1000).ToArray());
        var spans = ExampleCutter.Cut(layout, CuttingRule.SentencePairs, 128, seed: 5, epoch: 0, block: 0);

        Assert.All(spans, span => Assert.Equal((0, 0), (span.Start % 10, span.SecondStart % 10)));
        var end = 0;
        foreach (var span in spans)
        {
            Assert.Equal(end, span.Start);
            end = span.PartnerTokens > 0 ? span.SecondStart : span.End;
            Assert.True(span.PartnerTokens == 0 || span.SecondStart == span.End);
        }
        Assert.Equal(10_000, end);
    }

    [Fact]
    public void Half_of_the_partners_are_random()
    {
        var spans = ManySpans(CuttingRule.SentencePairs, 128);

        Assert.InRange(spans.Average(span => span.PartnerTokens > 0 ? 1.0 : 0), 0.48, 0.52);
    }

    [Fact]
    public void Lengths_under_8_are_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => ExampleCutter.Cut(LayoutOf([3]), CuttingRule.Segments, 7, 0, 0, 0));

    /// <summary>Some 10,000 spans of long documents of sentences of ten tokens.</summary>
    static List<ExampleSpan> ManySpans(CuttingRule rule, int maxLength)
    {
        var layout = LayoutOf(Enumerable.Repeat(10, 6000).ToArray());
        return [.. Enumerable.Range(0, 25).SelectMany(block => ExampleCutter.Cut(layout, rule, maxLength, seed: 11, epoch: 0, block).SkipLast(1))];
    }

    static IEnumerable<(int, int)> Cut(BlockLayout layout, CuttingRule rule, int maxLength) =>
        ExampleCutter.Cut(layout, rule, maxLength, seed: 1, epoch: 0, block: 0).Select(span => (span.Start, span.End));

    static BlockLayout LayoutOf(params int[][] documents) => new(
        [.. documents.SelectMany(document => document.Select((length, i) => (ushort)(length | (i == 0 ? DatasetFormat.StartsDocumentBit : 0))))], numDocumentsBefore: 0);
}
