using System.Text;
using Electra.Corpus;
using Electra.Randomness;
using Electra.Tests.Evaluation;
using Electra.Tokenization;

namespace Electra.Tests.Corpus;

public sealed class ExampleSequenceTests(ExampleSequenceTests.Dataset dataset) : IClassFixture<ExampleSequenceTests.Dataset>
{
    static readonly SpecialTokens Specials = LetterTokenizer.Create().SpecialTokens;

    public static TheoryData<CuttingRule> CoveringRules => [CuttingRule.Segments, CuttingRule.FullSentences, CuttingRule.DocumentSentences];
    public static TheoryData<CuttingRule> AllRules => [.. Enum.GetValues<CuttingRule>()];

    [Theory]
    [MemberData(nameof(CoveringRules))]
    public void The_examples_of_an_epoch_hold_every_token_once(CuttingRule rule)
    {
        var sequence = Sequence(rule);
        for (var epoch = 0; epoch < 2; epoch++)
        {
            var tokens = Range(sequence.Count(epoch)).SelectMany(index => sequence.ReadInOrder(epoch, index).TokenIds.Where(id => !Specials.IsStructural(id)));

            Assert.Equal(dataset.TrainingTokens, tokens);
        }
    }

    [Theory]
    [MemberData(nameof(AllRules))]
    public void The_shuffled_epoch_has_the_same_examples_in_another_order(CuttingRule rule)
    {
        var sequence = Sequence(rule);
        var shuffled = Range(sequence.Count(3)).Select(index => sequence.Read(3, index)).ToList();
        var ordered = Range(sequence.Count(3)).Select(index => sequence.ReadInOrder(3, index)).ToList();

        Assert.Equal(ordered.Select(Text), shuffled.OrderBy(example => example.Place).Select(Text));
        Assert.NotEqual(ordered.Select(Text), shuffled.Select(Text));
        Assert.Equal(Range(sequence.Count(3)).Select(index => CounterRandom.Place(3, index)), ordered.Select(example => example.Place));
    }

    [Theory]
    [MemberData(nameof(AllRules))]
    public void Any_thread_may_read_any_example_in_any_order(CuttingRule rule)
    {
        var forward = Sequence(rule);
        var expected = Range(forward.Count(1)).Select(index => Text(forward.Read(1, index))).ToArray();
        var sequence = Sequence(rule);
        var found = new string[expected.Length];

        Parallel.ForEach(Range(expected.Length).Reverse(), index =>
        {
            if (index % 7 == 0) sequence.Read((int)(index % 5), 0); // other epochs come between
            found[index] = Text(sequence.Read(1, index));
        });

        Assert.Equal(expected, found);
    }

    [Theory]
    [MemberData(nameof(AllRules))]
    public void Examples_are_framed_by_special_tokens_and_not_too_long(CuttingRule rule)
    {
        var sequence = Sequence(rule);
        for (long index = 0; index < sequence.Count(0); index++)
        {
            var example = sequence.Read(0, index);
            Assert.InRange(example.TokenIds.Length, 3, 64);
            Assert.Equal(Specials.Start, example.TokenIds[0]);
            Assert.Equal(Specials.Separator, example.TokenIds[^1]);
            Assert.Equal(rule == CuttingRule.SentencePairs, example.IsNextSentence is not null);
            if (example.SecondSegmentStart == example.TokenIds.Length) continue;
            Assert.True(rule is CuttingRule.Segments or CuttingRule.SentencePairs);
            Assert.Equal(Specials.Separator, example.TokenIds[example.SecondSegmentStart - 1]);
            Assert.Equal(2, example.TokenIds.Count(id => id == Specials.Separator));
        }
    }

    [Fact]
    public void A_separator_stands_between_the_documents_of_an_example()
    {
        var sequence = Sequence(CuttingRule.FullSentences);
        var text = string.Concat(Range(sequence.Count(0)).Select(index => Text(sequence.ReadInOrder(0, index))));

        // Documents end in "z."; whether an example or a document ends there, a separator follows. No other sentence ends so.
        Assert.Equal(dataset.NumTrainingDocuments, Count(text, "z.]"));
        Assert.Equal(dataset.NumTrainingDocuments, Count(text, "z."));
        Assert.True(Count(text, "]") > sequence.Count(0));
    }

    [Fact]
    public void Segments_differ_from_epoch_to_epoch_and_seed_to_seed()
    {
        var texts = new[] { (0UL, 0), (0UL, 1), (1UL, 0) }.Select(key =>
        {
            var sequence = new ExampleSequence(dataset.Training, CuttingRule.Segments, 64, key.Item1, Specials);
            return string.Concat(Range(sequence.Count(key.Item2)).Select(index => Text(sequence.ReadInOrder(key.Item2, index))));
        });

        Assert.Equal(3, texts.Distinct().Count());
    }

    [Fact]
    public void A_random_partner_comes_from_another_document_and_a_true_one_follows()
    {
        var sequence = Sequence(CuttingRule.SentencePairs, maxLength: 512); // long enough to be seldom shortened
        var (numNext, numRandom) = (0, 0);
        for (long index = 0; index < sequence.Count(0); index++)
        {
            var example = sequence.Read(0, index);
            var text = Text(example);
            var (first, second) = (text[1..(example.SecondSegmentStart - 1)], text[example.SecondSegmentStart..^1]);
            if (example.TokenIds.Length == 512) continue;
            var documents = dataset.TrainingDocuments.Where(document => document.Contains(first)).ToList();
            if (example.IsNextSentence == true)
            {
                Assert.Contains(documents, document => document.Contains(first + second));
                numNext++;
                continue;
            }
            Assert.Contains(dataset.TrainingDocuments.Except(documents), document => document.Contains(second));
            numRandom++;
        }
        Assert.True(numNext > 20 && numRandom > 20);
    }

    [Fact]
    public void The_share_of_random_partners_on_Wikipedia_is_a_half()
    {
        using var folder = new TemporaryFolder();
        var tokenizer = TokenizerDirectory.Load(SharedData.PathOf("data/tokenizers/bert-base-uncased"));
        new TokenizedDatasetBuilder(tokenizer, new DatasetOptions()).Build([SharedData.PathOf("data/corpus/wikipedia/valid.txt.gz")], folder["dataset"], cancellation: TestContext.Current.CancellationToken);
        using var wikipedia = TokenizedDataset.Open(folder["dataset"]);

        foreach (var maxLength in (int[])[128, 512])
        {
            var sequence = new ExampleSequence(wikipedia.Training, CuttingRule.SentencePairs, maxLength, seed: 1, tokenizer.SpecialTokens);
            Assert.InRange(Range(sequence.Count(0)).Average(index => sequence.Read(0, index).IsNextSentence == true ? 0.0 : 1), 0.45, 0.55);
        }
    }

    [Fact]
    public void Pairs_need_documents_of_several_sentences()
    {
        using var folder = new TemporaryFolder();
        folder.Write("a.txt", "one.\n\ntwo.\n\nthree.\n\nfour.");
        LetterTokenizer.Build(folder["a.txt"], folder["dataset"]);
        using var single = TokenizedDataset.Open(folder["dataset"]);

        Assert.Contains("documents of several sentences", Assert.Throws<ArgumentException>(() => Sequence(CuttingRule.SentencePairs, 64, single.Training)).Message);
        Assert.Contains("two documents", Assert.Throws<ArgumentException>(() => Sequence(CuttingRule.SentencePairs, 64, single.Validation)).Message);
    }

    [Theory]
    [MemberData(nameof(AllRules))]
    public void A_split_without_tokens_is_refused(CuttingRule rule)
    {
        using var folder = new TemporaryFolder();
        foreach (var (name, bytes) in new[] { (DatasetFormat.Tokens, 0), (DatasetFormat.Sentences, 0), (DatasetFormat.Blocks, DatasetFormat.BlockBytes) })
            File.WriteAllBytes(folder[name], new byte[bytes]);
        using var empty = DatasetSplit.Open(Path.GetDirectoryName(folder[DatasetFormat.Tokens])!, new SplitManifest(0, 0, 0, 0, 0, []), sizeof(ushort));

        Assert.Contains("no tokens", Assert.Throws<ArgumentException>(() => Sequence(rule, 64, empty)).Message);
    }

    [Fact]
    public void Examples_come_again_after_the_distinct_epochs_in_another_order()
    {
        var sequence = new ExampleSequence(dataset.Training, CuttingRule.Segments, 64, seed: 9, Specials, distinctEpochs: 2);
        string[] Epoch(int number) => [.. Range(sequence.Count(number)).Select(index => Text(sequence.Read(number, index)))];

        Assert.Equal(Epoch(1).Order(), Epoch(3).Order());
        Assert.NotEqual(Epoch(1), Epoch(3));
        Assert.NotEqual(Epoch(0).Order(), Epoch(1).Order());
    }

    [Fact]
    public void Indices_outside_an_epoch_are_refused()
    {
        var sequence = Sequence(CuttingRule.Segments);

        Assert.Throws<ArgumentOutOfRangeException>(() => sequence.Read(0, sequence.Count(0)));
        Assert.Throws<ArgumentOutOfRangeException>(() => sequence.ReadInOrder(0, -1));
    }

    ExampleSequence Sequence(CuttingRule rule, int maxLength = 64, DatasetSplit? split = null) => new(split ?? dataset.Training, rule, maxLength, seed: 9, Specials);

    static IEnumerable<long> Range(long count)
    {
        for (long i = 0; i < count; i++) yield return i;
    }

    /// <summary>Letters, with '[' for the start and ']' for separators.</summary>
    static string Text(Example example) => string.Concat(example.TokenIds.Select(id =>
        id == Specials.Start ? "[" : id == Specials.Separator ? "]" : LetterTokenizer.Vocabulary[id].TrimStart('#')));

    static int Count(string text, string part) => text.Split(part).Length - 1;

    /// <summary>Some 200,000 letters in several blocks: documents of random sentences of a to y, the last sentence of each ending in z.</summary>
    public sealed class Dataset : IDisposable
    {
        readonly TemporaryFolder _folder = new();
        readonly TokenizedDataset _dataset;

        public Dataset()
        {
            var random = new Random(5);
            var text = new StringBuilder();
            while (text.Length < 200_000)
            {
                for (var sentence = random.Next(0, 30); sentence > 0; sentence--) text.Append($"{Word(random)} {Word(random)}.\n");
                text.Append($"{Word(random)}z.\n\n");
            }
            _folder.Write("a.txt", text.ToString());
            LetterTokenizer.Build(_folder["a.txt"], _folder["dataset"]);
            _dataset = TokenizedDataset.Open(_folder["dataset"]);
            TrainingDocuments = LetterTokenizer.TextOf(Training).Split('/');
            TrainingTokens = Enumerable.Range(0, Training.NumBlocks).SelectMany(block =>
            {
                var ids = new int[Training.ReadLayout(block).NumTokens];
                Training.ReadTokens(block, 0, ids);
                return ids;
            }).ToArray();
        }

        public DatasetSplit Training => _dataset.Training;
        public int NumTrainingDocuments => (int)Training.NumDocuments;
        public string[] TrainingDocuments { get; }
        public int[] TrainingTokens { get; }

        static string Word(Random random) => string.Concat(Enumerable.Range(0, random.Next(1, 25)).Select(_ => (char)('a' + random.Next(25))));

        public void Dispose()
        {
            _dataset.Dispose();
            _folder.Dispose();
        }
    }
}
