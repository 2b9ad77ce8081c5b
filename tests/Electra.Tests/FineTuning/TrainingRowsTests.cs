using Electra.FineTuning;
using Electra.FineTuning.Tasks;
using Electra.Tokenization;

namespace Electra.Tests.FineTuning;

public sealed class TrainingRowsTests
{
    static EncodedExample Row(int example, int length, int window = 0) =>
        new(example, window, new EncodedText(new int[length], new byte[length], new sbyte[length], new (int, int)[length], false)) { Class = 0 };

    static List<int[]> Epoch(TrainingRows rows, int epoch) => [.. Enumerable.Range(0, rows.BatchesPerEpoch).Select(index => rows.Batch(epoch, index).Select(row => row.Example).ToArray())];

    [Fact]
    public void Every_example_comes_once_in_an_epoch_in_another_order_each_time()
    {
        var rows = new TrainingRows([.. Enumerable.Range(0, 103).Select(i => Row(i, 5 + i % 7))], sharesLabel: true, batchSize: 4, seed: 1);

        var (first, second) = (Epoch(rows, 0), Epoch(rows, 1));

        Assert.Equal(26, first.Count);                                                    // 103 / 4, rounded up
        Assert.Equal(Enumerable.Range(0, 103), first.SelectMany(batch => batch).Order());
        Assert.Equal(Enumerable.Range(0, 103), second.SelectMany(batch => batch).Order());
        Assert.NotEqual(first.SelectMany(batch => batch), second.SelectMany(batch => batch));
        Assert.Equal(first, Epoch(rows, 0));
    }

    [Fact]
    public void Another_seed_gives_another_order()
    {
        List<EncodedExample> examples = [.. Enumerable.Range(0, 40).Select(i => Row(i, 5))];

        Assert.NotEqual(Epoch(new TrainingRows(examples, true, 4, seed: 1), 0), Epoch(new TrainingRows(examples, true, 4, seed: 2), 0));
    }

    [Fact]
    public void Rows_of_like_length_share_a_batch()
    {
        // Lengths 1 to 64 in batches of 4: sorted within a pool of 32, a batch spans few lengths; drawn at random it would span about 38.
        var rows = new TrainingRows([.. Enumerable.Range(0, 64).Select(i => Row(i, 1 + i))], true, 4, 1);

        var spans = Epoch(rows, 0).Select(batch => batch.Max() - batch.Min());

        Assert.True(spans.Average() < 10, $"{spans.Average()}");
    }

    [Fact]
    public void Windows_of_one_label_stay_together_and_others_are_rows_of_their_own()
    {
        EncodedExample[] examples = [Row(0, 5), Row(1, 5), Row(1, 5, window: 1), Row(1, 5, window: 2), Row(2, 5)];

        Assert.Equal(3, new TrainingRows(examples, sharesLabel: true, 1, 1).NumExamples);
        Assert.Equal(5, new TrainingRows(examples, sharesLabel: false, 1, 1).NumExamples);
        Assert.Contains(Epoch(new TrainingRows(examples, sharesLabel: true, 1, 1), 0), batch => batch.SequenceEqual([1, 1, 1]));
    }

    [Fact]
    public void Another_label_is_another_training_set() => Assert.NotEqual(
        new TrainingRows([Row(0, 5)], true, 1, 1).Identity, new TrainingRows([Row(0, 5) with { Class = 1 }], true, 1, 1).Identity);
}
