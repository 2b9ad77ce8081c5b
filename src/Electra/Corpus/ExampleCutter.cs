using Electra.Randomness;

namespace Electra.Corpus;

/// <summary>Cuts a block into examples: a pure function of the block's sentence lengths, the rule, the length, the seed, the epoch and the block.</summary>
public static class ExampleCutter
{
    /// <summary>Shortest example that all rules can fill: two segments with their three special tokens.</summary>
    public const int ShortestMaxLength = 8;

    /// <summary>Tokens around one segment: start and separator. A second segment takes one more.</summary>
    public const int SpecialTokensOfOne = 2, SpecialTokensOfTwo = 3;

    /// <summary>Examples in the order of the text.</summary>
    /// <param name="layout">Sentences and documents of the block.</param>
    /// <param name="rule">How to cut.</param>
    /// <param name="maxLength">Most tokens of an example, special ones included.</param>
    /// <param name="seed">The seed of the run.</param>
    /// <param name="epoch">Another epoch cuts elsewhere, if the rule draws numbers.</param>
    /// <param name="block">Number of the block in its split.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is under 8.</exception>
    public static List<ExampleSpan> Cut(BlockLayout layout, CuttingRule rule, int maxLength, ulong seed, int epoch, int block)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxLength, ShortestMaxLength);
        var random = new CounterRandom(seed, RandomPurpose.Cutting, CounterRandom.Place(epoch, block));
        var spans = new List<ExampleSpan>(layout.NumTokens / maxLength + layout.NumDocuments);
        switch (rule)
        {
            case CuttingRule.Segments:
                SegmentCutting.Cut(layout, maxLength, ref random, spans);
                break;
            case CuttingRule.SentencePairs:
                SentencePairCutting.Cut(layout, maxLength, ref random, spans);
                break;
            default:
                SentencePacking.Cut(layout, maxLength, crossesDocuments: rule == CuttingRule.FullSentences, spans);
                break;
        }
        return spans;
    }
}
