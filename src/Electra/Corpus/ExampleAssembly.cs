using Electra.Randomness;
using Electra.Tokenization;

namespace Electra.Corpus;

/// <summary>Reads the tokens of a span and puts start and separators around them.</summary>
/// <param name="split">Where the tokens lie.</param>
/// <param name="maxLength">Most tokens of an example, special ones included.</param>
/// <param name="seed">The seed of the run.</param>
/// <param name="specials">Start and separator.</param>
sealed class ExampleAssembly(DatasetSplit split, int maxLength, ulong seed, SpecialTokens specials)
{
    readonly SentencePartners _partners = new(split);

    /// <summary>The example that the rule has cut.</summary>
    public Example Read(CuttingRule rule, int block, BlockLayout layout, in ExampleSpan span, ulong place) => rule switch
    {
        CuttingRule.Segments => ReadSegments(block, span, place),
        CuttingRule.SentencePairs => ReadPair(block, layout, span, place),
        _ => ReadSentences(block, layout, span, place),
    };

    /// <summary>[CLS] first [SEP], and second [SEP] if there is one.</summary>
    Example ReadSegments(int block, in ExampleSpan span, ulong place)
    {
        var (first, second) = (span.SecondStart - span.Start, span.End - span.SecondStart);
        if (second == 0)
        {
            var one = new int[first + ExampleCutter.SpecialTokensOfOne];
            (one[0], one[^1]) = (specials.Start, specials.Separator);
            split.ReadTokens(block, span.Start, one.AsSpan(1, first));
            return new Example(one, one.Length, place, IsNextSentence: null);
        }
        var ids = new int[first + second + ExampleCutter.SpecialTokensOfTwo];
        split.ReadTokens(block, span.Start, ids.AsSpan(1, first + second));
        ids.AsSpan(1 + first, second).CopyTo(ids.AsSpan(2 + first));
        (ids[0], ids[1 + first], ids[^1]) = (specials.Start, specials.Separator, specials.Separator);
        return new Example(ids, 2 + first, place, IsNextSentence: null);
    }

    /// <summary>[CLS] sentences [SEP], and a [SEP] where another document begins.</summary>
    Example ReadSentences(int block, BlockLayout layout, in ExampleSpan span, ulong place)
    {
        var (firstDocument, lastDocument) = (layout.DocumentAt(span.Start), layout.DocumentAt(span.End - 1));
        var ids = new int[span.End - span.Start + ExampleCutter.SpecialTokensOfOne + lastDocument - firstDocument];
        (ids[0], ids[^1]) = (specials.Start, specials.Separator);
        split.ReadTokens(block, span.Start, ids.AsSpan(1, span.End - span.Start));
        for (var document = lastDocument; document > firstDocument; document--)
        {
            // From the back, so that each token moves once per separator before it.
            var (start, end) = (layout.StartOfDocument(document), Math.Min(layout.EndOfDocument(document), span.End));
            var (source, target) = (1 + start - span.Start, 1 + start - span.Start + document - firstDocument);
            ids.AsSpan(source, end - start).CopyTo(ids.AsSpan(target));
            ids[target - 1] = specials.Separator;
        }
        return new Example(ids, ids.Length, place, IsNextSentence: null);
    }

    /// <summary>[CLS] first [SEP] second [SEP], where the second may come from another document.</summary>
    Example ReadPair(int block, BlockLayout layout, in ExampleSpan span, ulong place)
    {
        var random = new CounterRandom(seed, RandomPurpose.Pairing, place);
        var first = (Block: block, span.Start, Length: span.SecondStart - span.Start);
        var second = span.PartnerTokens > 0
            ? _partners.Draw(layout.NumberInSplit(layout.DocumentAt(span.Start)), span.PartnerTokens, ref random)
            : (Block: block, Start: span.SecondStart, Length: span.End - span.SecondStart);
        SentencePartners.Truncate(ref first.Start, ref first.Length, ref second.Start, ref second.Length, maxLength - ExampleCutter.SpecialTokensOfTwo, ref random);

        var ids = new int[first.Length + second.Length + ExampleCutter.SpecialTokensOfTwo];
        (ids[0], ids[1 + first.Length], ids[^1]) = (specials.Start, specials.Separator, specials.Separator);
        split.ReadTokens(first.Block, first.Start, ids.AsSpan(1, first.Length));
        split.ReadTokens(second.Block, second.Start, ids.AsSpan(2 + first.Length, second.Length));
        return new Example(ids, 2 + first.Length, place, IsNextSentence: span.PartnerTokens == 0);
    }
}
