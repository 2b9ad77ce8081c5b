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

    /// <summary>Blocks that stay cut in memory: all of a small dataset, where a block would otherwise be cut again for each of its examples.</summary>
    const int NumBlocksKept = 64;

    readonly DatasetSplit _split;
    readonly CuttingRule _rule;
    readonly int _maxLength;
    readonly ulong _seed;
    readonly int _distinctEpochs;
    readonly ExampleAssembly _assembly;
    readonly Lock _lock = new();
    readonly List<Epoch> _epochs = [];
    readonly CutBlock?[] _blocks = new CutBlock?[NumBlocksKept];

    /// <param name="split">What to cut.</param>
    /// <param name="rule">How to cut.</param>
    /// <param name="maxLength">Most tokens of an example, special ones included; at least 8.</param>
    /// <param name="seed">The seed of the run.</param>
    /// <param name="specials">Start and separator.</param>
    /// <param name="distinctEpochs">After so many epochs the same examples come again, in another order; 0 cuts each epoch anew.</param>
    /// <exception cref="ArgumentException">The length is too small, or the split has no text that the rule can use.</exception>
    public ExampleSequence(DatasetSplit split, CuttingRule rule, int maxLength, ulong seed, SpecialTokens specials, int distinctEpochs = 0)
    {
        if (maxLength < ExampleCutter.ShortestMaxLength) throw new ArgumentException($"Examples of at most {maxLength} tokens are too short; at least {ExampleCutter.ShortestMaxLength} are needed.");
        if (split.NumTokens == 0) throw new ArgumentException("The dataset has no tokens to cut into examples.");
        if (rule == CuttingRule.SentencePairs) CheckPairs(split);
        (_split, _rule, _maxLength, _seed, _distinctEpochs) = (split, rule, maxLength, seed, distinctEpochs);
        _assembly = new ExampleAssembly(split, maxLength, seed, specials);
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
        var cut = CutBlockOf(epoch.Cut, block);
        var span = cut.Spans[(int)(number - epoch.FirstOf(block))];
        return _assembly.Read(_rule, block, cut.Layout, span, CounterRandom.Place(epoch.Cut, number));
    }

    /// <summary>Threads may cut the same block at the same time; they find the same, and either result may stay.</summary>
    CutBlock CutBlockOf(int epoch, int block)
    {
        ref var kept = ref _blocks[block % NumBlocksKept];
        if (Volatile.Read(ref kept) is { } known && known.Epoch == epoch && known.Block == block) return known;
        var layout = _split.ReadLayout(block);
        var cut = new CutBlock(epoch, block, layout, ExampleCutter.Cut(layout, _rule, _maxLength, _seed, epoch, block));
        Volatile.Write(ref kept, cut);
        return cut;
    }

    Epoch EpochOf(int number)
    {
        lock (_lock)
        {
            if (_epochs.Find(epoch => epoch.Number == number) is { } known) return known;
            if (_epochs.Count == NumEpochsKept) _epochs.RemoveAt(0);
            var cut = _distinctEpochs > 0 ? number % _distinctEpochs : number;
            var epoch = new Epoch(number, cut, CountExamples(cut), _seed);
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
        if (split.NumDocuments < 2) throw new ArgumentException("Sentence pairs need two documents at least, for a random partner comes from another one; there is one. Build the dataset from more documents, or with more of them held out: --validation-fraction or --validation FILE of corpus build.");
        if (split.NumSentences == split.NumDocuments)
            throw new ArgumentException($"Sentence pairs need documents of several sentences; all {split.NumDocuments:N0} have one. Build the dataset with --sentences split, or with one sentence a line.");
    }

    sealed record CutBlock(int Epoch, int Block, BlockLayout Layout, List<ExampleSpan> Spans);

    /// <summary>The examples before each block, and the order.</summary>
    sealed class Epoch
    {
        readonly long[] _first;

        public Epoch(int number, int cut, int[] counts, ulong seed)
        {
            (Number, Cut) = (number, cut);
            _first = new long[counts.Length + 1];
            for (var block = 0; block < counts.Length; block++) _first[block + 1] = _first[block] + counts[block];
            Order = new KeyedPermutation(Count, seed, (ulong)number);
        }

        public int Number { get; }

        /// <summary>The epoch whose cuts it has.</summary>
        public int Cut { get; }

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
