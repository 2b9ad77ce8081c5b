using Electra.Randomness;
using Electra.Tokenization;

namespace Electra.Corpus;

/// <summary>
/// The examples of a split, epoch by epoch, in an order that is computed: any example can be read at any time, by any thread, and nothing has to be
/// remembered but (epoch, index). An epoch begins with a pass over the sentence lengths; 8 bytes a block are kept of it.
/// </summary>
public sealed class ExampleSequence
{
    const int NumEpochsKept = 2;

    readonly DatasetSplit _split;
    readonly CuttingRule _rule;
    readonly int _maxLength;
    readonly ulong _seed;
    readonly SpecialTokens _specials;
    readonly SentencePartners _partners;
    readonly Lock _lock = new();
    readonly List<Epoch> _epochs = [];

    /// <param name="split">What to cut.</param>
    /// <param name="rule">How to cut.</param>
    /// <param name="maxLength">Most tokens of an example, special ones included; at least 8.</param>
    /// <param name="seed">The seed of the run.</param>
    /// <param name="specials">Start and separator.</param>
    /// <exception cref="ArgumentException">The length is too small, or the split has no text that the rule can use.</exception>
    public ExampleSequence(DatasetSplit split, CuttingRule rule, int maxLength, ulong seed, SpecialTokens specials)
    {
        if (maxLength < ExampleCutter.ShortestMaxLength) throw new ArgumentException($"Examples of at most {maxLength} tokens are too short; at least {ExampleCutter.ShortestMaxLength} are needed.");
        if (split.NumTokens == 0) throw new ArgumentException("The dataset has no tokens to cut into examples.");
        if (rule == CuttingRule.SentencePairs) CheckPairs(split);
        (_split, _rule, _maxLength, _seed, _specials) = (split, rule, maxLength, seed, specials);
        _partners = new SentencePartners(split);
    }

    /// <summary>Number of examples in an epoch.</summary>
    public long Count(int epoch) => EpochOf(epoch).Count;

    /// <summary>An example of the epoch's shuffled order.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The index lies outside [0, Count).</exception>
    public Example Read(int epoch, long index)
    {
        var cuts = EpochOf(epoch);
        return Read(cuts, cuts.Order[index]);
    }

    /// <summary>An example of the epoch in the order of the text, for evaluation.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The index lies outside [0, Count).</exception>
    public Example ReadInOrder(int epoch, long index)
    {
        var cuts = EpochOf(epoch);
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, cuts.Count);
        return Read(cuts, index);
    }

    Example Read(Epoch epoch, long number)
    {
        var block = epoch.BlockOf(number);
        var layout = _split.ReadLayout(block);
        var span = ExampleCutter.Cut(layout, _rule, _maxLength, _seed, epoch.Number, block)[(int)(number - epoch.FirstOf(block))];
        var place = CounterRandom.Place(epoch.Number, number);
        return _rule switch
        {
            CuttingRule.Segments => ReadSegments(block, span, place),
            CuttingRule.SentencePairs => ReadPair(block, layout, span, place),
            _ => ReadSentences(block, layout, span, place),
        };
    }

    /// <summary>[CLS] first [SEP], and second [SEP] if there is one.</summary>
    Example ReadSegments(int block, in ExampleSpan span, ulong place)
    {
        var (first, second) = (span.SecondStart - span.Start, span.End - span.SecondStart);
        if (second == 0)
        {
            var one = new int[first + ExampleCutter.SpecialTokensOfOne];
            (one[0], one[^1]) = (_specials.Start, _specials.Separator);
            _split.ReadTokens(block, span.Start, one.AsSpan(1, first));
            return new Example(one, one.Length, place, IsNextSentence: null);
        }
        var ids = new int[first + second + ExampleCutter.SpecialTokensOfTwo];
        _split.ReadTokens(block, span.Start, ids.AsSpan(1, first + second));
        ids.AsSpan(1 + first, second).CopyTo(ids.AsSpan(2 + first));
        (ids[0], ids[1 + first], ids[^1]) = (_specials.Start, _specials.Separator, _specials.Separator);
        return new Example(ids, 2 + first, place, IsNextSentence: null);
    }

    /// <summary>[CLS] sentences [SEP], and a [SEP] where another document begins.</summary>
    Example ReadSentences(int block, BlockLayout layout, in ExampleSpan span, ulong place)
    {
        var (firstDocument, lastDocument) = (layout.DocumentAt(span.Start), layout.DocumentAt(span.End - 1));
        var ids = new int[span.End - span.Start + ExampleCutter.SpecialTokensOfOne + lastDocument - firstDocument];
        (ids[0], ids[^1]) = (_specials.Start, _specials.Separator);
        _split.ReadTokens(block, span.Start, ids.AsSpan(1, span.End - span.Start));
        for (var document = lastDocument; document > firstDocument; document--)
        {
            // From the back, so that each token moves once per separator before it.
            var (start, end) = (layout.StartOfDocument(document), Math.Min(layout.EndOfDocument(document), span.End));
            var (source, target) = (1 + start - span.Start, 1 + start - span.Start + document - firstDocument);
            ids.AsSpan(source, end - start).CopyTo(ids.AsSpan(target));
            ids[target - 1] = _specials.Separator;
        }
        return new Example(ids, ids.Length, place, IsNextSentence: null);
    }

    /// <summary>[CLS] first [SEP] second [SEP], where the second may come from another document.</summary>
    Example ReadPair(int block, BlockLayout layout, in ExampleSpan span, ulong place)
    {
        var random = new CounterRandom(_seed, RandomPurpose.Pairing, place);
        var first = (Block: block, span.Start, Length: span.SecondStart - span.Start);
        var second = span.PartnerTokens > 0
            ? _partners.Draw(layout.NumberInSplit(layout.DocumentAt(span.Start)), span.PartnerTokens, ref random)
            : (Block: block, Start: span.SecondStart, Length: span.End - span.SecondStart);
        SentencePartners.Truncate(ref first.Start, ref first.Length, ref second.Start, ref second.Length, _maxLength - ExampleCutter.SpecialTokensOfTwo, ref random);

        var ids = new int[first.Length + second.Length + ExampleCutter.SpecialTokensOfTwo];
        (ids[0], ids[1 + first.Length], ids[^1]) = (_specials.Start, _specials.Separator, _specials.Separator);
        _split.ReadTokens(first.Block, first.Start, ids.AsSpan(1, first.Length));
        _split.ReadTokens(second.Block, second.Start, ids.AsSpan(2 + first.Length, second.Length));
        return new Example(ids, 2 + first.Length, place, IsNextSentence: span.PartnerTokens == 0);
    }

    Epoch EpochOf(int number)
    {
        lock (_lock)
        {
            if (_epochs.Find(epoch => epoch.Number == number) is { } known) return known;
            if (_epochs.Count == NumEpochsKept) _epochs.RemoveAt(0);
            var epoch = new Epoch(number, CountExamples(number), _seed);
            _epochs.Add(epoch);
            return epoch;
        }
    }

    int[] CountExamples(int epoch)
    {
        var counts = new int[_split.NumBlocks];
        Parallel.For(0, counts.Length, block =>
            counts[block] = ExampleCutter.Cut(_split.ReadLayout(block), _rule, _maxLength, _seed, epoch, block).Count);
        return counts;
    }

    static void CheckPairs(DatasetSplit split)
    {
        if (split.NumDocuments < 2) throw new ArgumentException("Sentence pairs need two documents at least: a random partner comes from another document.");
        if (split.NumSentences == split.NumDocuments)
            throw new ArgumentException($"Sentence pairs need documents of several sentences; all {split.NumDocuments:N0} have one. Build the dataset with --sentences split, or with one sentence a line.");
    }

    /// <summary>The examples before each block, and the order.</summary>
    sealed class Epoch
    {
        readonly long[] _first;

        public Epoch(int number, int[] counts, ulong seed)
        {
            Number = number;
            _first = new long[counts.Length + 1];
            for (var block = 0; block < counts.Length; block++) _first[block + 1] = _first[block] + counts[block];
            Order = new KeyedPermutation(Count, seed, (ulong)number);
        }

        public int Number { get; }
        public long Count => _first[^1];
        public KeyedPermutation Order { get; }
        public long FirstOf(int block) => _first[block];

        public int BlockOf(long example)
        {
            var index = Array.BinarySearch(_first, example + 1);
            return (index < 0 ? ~index : index) - 1;
        }
    }
}
