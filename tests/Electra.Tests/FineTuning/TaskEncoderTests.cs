using Electra.FineTuning.Tasks;
using Electra.Tests.Corpus;
using Electra.Tokenization;
using static Electra.Tests.Tokenization.TokenizationReference;

namespace Electra.Tests.FineTuning;

public sealed class TaskEncoderTests
{
    static readonly SourceLine Here = new("test", 1);
    static readonly ITokenizer Letters = LetterTokenizer.Create();
    static readonly Lazy<ITokenizer> Roberta = new(() => TokenizerDirectory.Load(DirectoryOf("roberta-base")));

    static TaskDefinition Task(TaskKind kind, TaskWindows? windows = null, TaskLabelRange? range = null) => new(
        "test", kind, new TaskFormat(TaskFileType.Jsonl), new Dictionary<string, TaskSplit>(), [], LabelRange: range, Windows: windows);

    static IReadOnlyList<EncodedExample> Encode(
        TaskExample example, TaskKind kind, int maxLength, TaskWindows? windows = null, ITokenizer? tokenizer = null, string[]? labels = null, TaskLabelRange? range = null) =>
        new TaskEncoder(Task(kind, windows, range), labels ?? [], tokenizer ?? Letters, maxLength).Encode(example, 7);

    static string Show(ITokenizer tokenizer, EncodedExample row) => string.Join(' ', row.Text.Ids.Select(id => tokenizer.Vocabulary[id]));

    [Fact]
    public void A_class_goes_with_its_row()
    {
        var row = Assert.Single(Encode(new TextExample("1", Here, "ab", "c", Class: 2), TaskKind.PairClassification, 10));

        Assert.Equal("[CLS] a ##b [SEP] c [SEP]", Show(Letters, row));
        Assert.Equal((7, 0, 2), (row.Example, row.Window, row.Class));
    }

    [Fact]
    public void A_number_is_learnt_as_its_place_in_the_range() =>
        Assert.Equal([0.5f], Encode(new TextExample("1", Here, "a", Value: 2.5), TaskKind.Regression, 10, range: new(0, 5))[0].Targets);

    [Fact]
    public void Several_labels_are_flags() =>
        Assert.Equal([1f, 0f, 1f], Encode(new TextExample("1", Here, "a", IsLabelled: [true, false, true]), TaskKind.MultiLabel, 10)[0].Targets);

    [Fact]
    public void A_row_without_labels_says_so() =>
        Assert.Equal(EncodedExample.Ignored, Encode(new TextExample("1", Here, "a"), TaskKind.Classification, 10)[0].Class);

    [Fact]
    public void A_long_text_is_cut_off_without_windows_and_slides_with_them()
    {
        var example = new TextExample("1", Here, "abcdefgh");

        Assert.Equal("[CLS] a ##b ##c [SEP]", Show(Letters, Assert.Single(Encode(example, TaskKind.Classification, 5))));
        Assert.Equal(
            ["[CLS] a ##b ##c [SEP]", "[CLS] ##c ##d ##e [SEP]", "[CLS] ##e ##f ##g [SEP]", "[CLS] ##g ##h [SEP]"],
            Encode(example, TaskKind.Classification, 5, new(Stride: 2)).Select(row => Show(Letters, row)));
    }

    [Fact]
    public void The_first_text_of_a_pair_stays_in_every_window() => Assert.Equal(
        ["[CLS] x [SEP] a ##b [SEP]", "[CLS] x [SEP] ##c ##d [SEP]"],
        Encode(new TextExample("1", Here, "x", "abcd"), TaskKind.PairClassification, 6, new(Stride: 2)).Select(row => Show(Letters, row)));

    [Fact]
    public void Of_a_pair_the_longer_text_slides()
    {
        var rows = Encode(new TextExample("1", Here, "abcdefg", "x"), TaskKind.PairClassification, 7, new(Stride: 3));

        Assert.Equal(["[CLS] a ##b ##c [SEP] x [SEP]", "[CLS] ##d ##e ##f [SEP] x [SEP]", "[CLS] ##g [SEP] x [SEP]"], rows.Select(row => Show(Letters, row)));
        Assert.DoesNotContain(rows, row => row.Text.IsTruncated);
    }

    [Fact]
    public void Of_a_pair_of_long_texts_the_shorter_is_cut_to_half_of_the_room_and_says_so()
    {
        var rows = Encode(new TextExample("1", Here, "abcdef", "vwxyz"), TaskKind.PairClassification, 7, new(Stride: 2));

        Assert.Equal(["[CLS] a ##b [SEP] v ##w [SEP]", "[CLS] ##c ##d [SEP] v ##w [SEP]", "[CLS] ##e ##f [SEP] v ##w [SEP]"], rows.Select(row => Show(Letters, row)));
        Assert.All(rows, row => Assert.True(row.Text.IsTruncated));
    }

    [Fact]
    public void A_words_label_stands_at_its_first_piece()
    {
        var row = Assert.Single(Encode(new TaggedExample("1", Here, ["ab", "c", "de"], ["B-X", "O", "B-X"]), TaskKind.Tagging, 10, labels: ["O", "B-X", "I-X"]));

        Assert.Equal("[CLS] a ##b c d ##e [SEP]", Show(Letters, row));
        Assert.Equal([-100, 1, -100, 0, 1, -100, -100], row.TokenLabels);
        Assert.Equal([1, 3, 4], row.WordTokens);
    }

    [Fact]
    public void A_tag_that_is_no_label_is_not_learnt() =>
        Assert.Equal([-100, -100, -100], Encode(new TaggedExample("1", Here, ["a"], ["B-Y"]), TaskKind.Tagging, 10, labels: ["O"])[0].TokenLabels);

    [Fact]
    public void Words_that_do_not_fit_have_no_token_without_windows_and_one_with_them()
    {
        var example = new TaggedExample("1", Here, ["a", "b", "c", "d", "e"], ["O", "O", "O", "O", "O"]);

        Assert.Equal([1, 2, -1, -1, -1], Encode(example, TaskKind.Tagging, 4, labels: ["O"])[0].WordTokens);

        var windows = Encode(example, TaskKind.Tagging, 5, new(Stride: 1), labels: ["O"]);
        Assert.Equal(3, windows.Count);
        Assert.All(Enumerable.Range(0, 5), word => Assert.Single(windows, row => row.WordTokens[word] >= 0));
        Assert.Equal(2, windows[1].WordTokens[2]); // in the middle of the second window, where it sees most
    }

    [Fact]
    public void A_word_without_pieces_is_unknown_and_keeps_its_tag()
    {
        var row = Encode(new TaggedExample("1", Here, ["\u200B", "b"], ["O", "B-X"]), TaskKind.Tagging, 10, labels: ["O", "B-X"])[0];

        Assert.Equal("[CLS] [UNK] b [SEP]", Show(Letters, row));
        Assert.Equal([-100, 0, 1, -100], row.TokenLabels);
    }

    [Fact]
    public void Byte_level_words_have_their_blank()
    {
        var row = Encode(new TaggedExample("1", Here, ["Hello", "there"]), TaskKind.Tagging, 10, tokenizer: Roberta.Value)[0];

        Assert.Equal("<s> ĠHello Ġthere </s>", Show(Roberta.Value, row));
        Assert.Equal((0, 5), row.Text.Offsets[2]);
    }

    [Fact]
    public void An_answer_is_found_in_the_window_that_holds_it()
    {
        var rows = Encode(new QuestionExample("q", Here, "q", "abcdef", [new GoldAnswer("ef", 4)]), TaskKind.QuestionAnswering, 8, new(Stride: 2));

        Assert.Equal(["[CLS] q [SEP] a ##b ##c ##d [SEP]", "[CLS] q [SEP] ##c ##d ##e ##f [SEP]"], rows.Select(row => Show(Letters, row)));
        Assert.Equal([(0, 0, true), (5, 6, false)], rows.Select(row => (row.Start, row.End, row.IsImpossible)));
        Assert.Equal([0, 0, 0, 1, 1, 1, 1, 1], rows[0].Text.TokenTypes);
        Assert.Equal([false, false, false, true, true, true, true, false], rows[0].IsContext);
    }

    [Fact]
    public void Every_token_of_the_context_has_its_most_context_in_one_window()
    {
        var rows = Encode(new QuestionExample("q", Here, "q", "abcdefgh"), TaskKind.QuestionAnswering, 8, new(Stride: 1));

        Assert.Equal(8, rows.Sum(row => row.HasMaxContext.Count(flag => flag)));
        Assert.True(rows[0].HasMaxContext[3]);
        Assert.False(rows[0].HasMaxContext[6]); // 'd' ends the first window and is in the middle of the third
    }

    [Fact]
    public void A_question_without_an_answer_points_to_the_start_token()
    {
        var row = Assert.Single(Encode(new QuestionExample("q", Here, "q", "abc", []), TaskKind.QuestionAnswering, 20));

        Assert.Equal((0, 0, true), (row.Start, row.End, row.IsImpossible));
    }

    [Fact]
    public void A_long_question_is_cut_off() => Assert.Equal("[CLS] q ##q [SEP] a ##b [SEP]",
        Show(Letters, Encode(new QuestionExample("q", Here, "qqqqq", "ab"), TaskKind.QuestionAnswering, 20, new(MaxQuestionLength: 2))[0]));

    [Fact]
    public void Robertas_answers_lie_after_two_separators()
    {
        var row = Assert.Single(Encode(new QuestionExample("q", Here, "Who?", "It was Ann.", [new GoldAnswer("Ann", 7)]), TaskKind.QuestionAnswering, 20, tokenizer: Roberta.Value));

        Assert.Equal("<s> Who ? </s> </s> It Ġwas ĠAnn . </s>", Show(Roberta.Value, row));
        Assert.Equal((7, 7), (row.Start, row.End));
        Assert.All(row.Text.TokenTypes, type => Assert.Equal(0, type));
    }
}
