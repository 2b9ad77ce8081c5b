using Electra.Tokenization;
using static Electra.Tests.Tokenization.TokenizationReference;

namespace Electra.Tests.Tokenization;

public sealed class TextEncoderTests
{
    static readonly Lazy<ITokenizer> Bert = new(() => TokenizerDirectory.Load(DirectoryOf("bert-base-uncased")));
    static readonly Lazy<ITokenizer> Roberta = new(() => TokenizerDirectory.Load(DirectoryOf("roberta-base")));

    static string Show(ITokenizer tokenizer, EncodedText text) => string.Join(' ', text.Ids.Select(id => tokenizer.Vocabulary[id]));

    [Fact]
    public void Bert_frames_a_pair_with_one_separator_and_two_token_types()
    {
        var pair = new TextEncoder(Bert.Value).Encode("one two", "three");

        Assert.Equal("[CLS] one two [SEP] three [SEP]", Show(Bert.Value, pair));
        Assert.Equal([0, 0, 0, 0, 1, 1], pair.TokenTypes);
        Assert.Equal([-1, 0, 0, -1, 1, -1], pair.Sources);
        Assert.Equal([(0, 0), (0, 3), (4, 7), (0, 0), (0, 5), (0, 0)], pair.Offsets);
        Assert.False(pair.IsTruncated);
    }

    [Fact]
    public void Roberta_frames_a_pair_with_two_separators_and_one_token_type()
    {
        var pair = new TextEncoder(Roberta.Value).Encode("one", " two");

        Assert.Equal("<s> one </s> </s> Ġtwo </s>", Show(Roberta.Value, pair));
        Assert.Equal([0, 0, 0, 0, 0, 0], pair.TokenTypes);
        Assert.Equal([-1, 0, -1, -1, 1, -1], pair.Sources);
    }

    [Theory]
    [InlineData(3, 2, 6, 3, 2), InlineData(5, 2, 6, 4, 2), InlineData(2, 9, 6, 2, 4), InlineData(9, 9, 6, 3, 3), InlineData(9, 9, 7, 4, 3), InlineData(9, 0, 4, 4, 0)]
    public void Truncation_takes_from_the_longer_text(int first, int second, int room, int expectedFirst, int expectedSecond) =>
        Assert.Equal((expectedFirst, expectedSecond), TextEncoder.LongestFirst(first, second, room));

    [Fact]
    public void A_truncated_text_keeps_its_beginning_and_its_frame()
    {
        var text = new TextEncoder(Bert.Value, maxLength: 4).Encode("one two three");

        Assert.Equal("[CLS] one two [SEP]", Show(Bert.Value, text));
        Assert.True(text.IsTruncated);
    }

    [Fact]
    public void A_batch_is_padded_behind_to_its_longest_row()
    {
        var batch = new TextEncoder(Bert.Value).EncodeBatch(["one", "one two three"]);

        Assert.Equal(5, batch.Length);
        Assert.Equal([101, 2028, 102, 0, 0, 101, 2028, 2048, 2093, 102], batch.Ids);
        Assert.Equal([1, 1, 1, 0, 0, 1, 1, 1, 1, 1], batch.AttentionMask);
        Assert.All(batch.TokenTypes, type => Assert.Equal(0, type));
    }

    [Fact]
    public void A_batch_on_many_workers_equals_its_rows_alone()
    {
        var texts = Read(Path.Combine(Folder, "bert-base-uncased.jsonl"), SpecialTokenNames.Bert).Select(example => example.Text).ToList();
        var seconds = texts.AsEnumerable().Reverse().ToList();
        var encoder = new TextEncoder(Bert.Value, maxLength: 32);

        var batch = encoder.EncodeBatch(texts, seconds, length: 40, workers: 4);

        Assert.Equal(texts.Count * 40, batch.Ids.Length);
        for (var row = 0; row < texts.Count; row++)
        {
            var alone = encoder.Encode(texts[row], seconds[row]);
            Assert.Equal(alone.Ids.Select(id => (long)id), batch.Ids.AsSpan(row * 40, alone.Length).ToArray());
            Assert.Equal(alone.Offsets, batch.Rows[row].Offsets);
            Assert.Equal(alone.Length, batch.AttentionMask.AsSpan(row * 40, 40).ToArray().Sum());
        }
    }

    [Fact]
    public void Padding_of_roberta_is_its_own_id() =>
        Assert.Equal(1, new TextEncoder(Roberta.Value).EncodeBatch(["a", "a b"]).Ids[3]);

    [Fact]
    public void Wrong_sizes_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new TextEncoder(Bert.Value, maxLength: 3));
        Assert.Throws<ArgumentException>(() => new TextEncoder(Bert.Value).EncodeBatch(["a", "b"], ["c"]));
        Assert.Throws<ArgumentException>(() => new TextEncoder(Bert.Value).EncodeBatch(["one two three"], length: 4));
    }
}
