using Electra.FineTuning.Tasks;
using Electra.Tests.Corpus;
using Electra.Tokenization;

namespace Electra.Tests.FineTuning;

public sealed class TaskDecoderTests
{
    static readonly SourceLine Here = new("test", 1);
    static readonly WordPieceTokenizer Letters = LetterTokenizer.Create();

    static TaskDefinition Task(TaskKind kind, TaskWindows? windows = null, TaskLabelRange? range = null, TaskTagging? tagging = null) => new(
        "test", kind, new TaskFormat(TaskFileType.Jsonl), new Dictionary<string, TaskSplit>(), [], LabelRange: range, Windows: windows, Tagging: tagging);

    static TaskPrediction Decode(TaskDefinition task, TaskExample example, string[] labels, int maxLength, Func<EncodedExample, WindowScores> model)
    {
        var rows = new TaskEncoder(task, labels, Letters, maxLength).Encode(example, 0);
        return Assert.Single(TaskDecoder.Decode(task, labels, [example], rows, [.. rows.Select(model)]));
    }

    [Fact]
    public void The_largest_logit_is_the_class_and_probabilities_sum_to_one()
    {
        var prediction = (ClassPrediction)Decode(Task(TaskKind.Classification), new TextExample("a", Here, "ab"), ["x", "y"], 10, _ => new([0, MathF.Log(3)]));

        Assert.Equal(1, prediction.Class);
        Assert.Equal(0.75, prediction.Probabilities[1], 6);
    }

    [Theory]
    [InlineData(WindowMerge.Mean, 0)]
    [InlineData(WindowMerge.Max, 1)]
    public void Windows_merge_by_their_mean_or_their_largest(WindowMerge merge, int expected)
    {
        // Four windows; the first alone sees class 1.
        var prediction = (ClassPrediction)Decode(Task(TaskKind.Classification, new(Stride: 2, Combine: merge)), new TextExample("a", Here, "abcdefgh"), ["x", "y"], 5,
            row => new(row.Window == 0 ? [0, 2] : [1, 0]));

        Assert.Equal(expected, prediction.Class);
    }

    [Theory]
    [InlineData(0.5, 2.5), InlineData(1.2, 5), InlineData(-0.1, 0)]
    public void A_number_comes_back_in_its_range(double output, double expected) => Assert.Equal(expected,
        ((ValuePrediction)Decode(Task(TaskKind.Regression, range: new(0, 5)), new TextExample("a", Here, "a"), [], 10, _ => new([(float)output]))).Value, 5);

    [Fact]
    public void Labels_of_at_least_one_half_are_predicted()
    {
        var prediction = (LabelSetPrediction)Decode(Task(TaskKind.MultiLabel), new TextExample("a", Here, "a"), ["x", "y", "z"], 10, _ => new([0, -1, 3]));

        Assert.Equal([true, false, true], Enumerable.Range(0, 3).Select(prediction.Has));
    }

    [Theory]
    [InlineData(TagScheme.Bio, "B-X I-X O"), InlineData(TagScheme.Iob1, "I-X I-X O"), InlineData(TagScheme.Bioes, "B-X E-X O")]
    public void Tags_come_back_in_the_files_scheme_and_mended(TagScheme scheme, string expected)
    {
        string[] labels = ["O", "B-X", "I-X", "E-X", "S-X"];
        int[] said = [2, 2, 0]; // I-X I-X O: nothing begins

        var prediction = (TagPrediction)Decode(Task(TaskKind.Tagging, tagging: new(scheme)), new TaggedExample("a", Here, ["ab", "c", "d"]), labels, 10, row =>
        {
            var logits = new float[row.Length * labels.Length];
            for (var word = 0; word < 3; word++) logits[row.WordTokens[word] * labels.Length + said[word]] = 5;
            return new(logits);
        });

        Assert.Equal(expected, string.Join(' ', prediction.Tags));
        Assert.All(prediction.Probabilities, probability => Assert.InRange(probability, 0.9, 1));
    }

    [Fact]
    public void A_word_that_no_row_holds_is_outside()
    {
        var prediction = (TagPrediction)Decode(Task(TaskKind.Tagging), new TaggedExample("a", Here, ["a", "b", "c"]), ["O", "B-X"], 4,
            row => new([.. Enumerable.Range(0, row.Length).SelectMany(_ => new[] { 0f, 5f })]));

        Assert.Equal(["B-X", "B-X", "O"], prediction.Tags);
        Assert.Equal([false, false, true], prediction.Probabilities.Select(double.IsNaN));
    }

    static WindowScores Plain(EncodedExample row, params (char First, char Last, float Score)[] spans)
    {
        float[] start = new float[row.Length], end = new float[row.Length];
        foreach (var (first, last, score) in spans)
            for (var token = 0; token < row.Length; token++)
            {
                var letter = Letters.Vocabulary[row.Text.Ids[token]].TrimStart('#');
                if (row.Text.Sources[token] != 1) continue;
                if (letter == first.ToString()) start[token] = score;
                if (letter == last.ToString()) end[token] = score;
            }
        return new([]) { Start = start, End = end };
    }

    [Fact]
    public void The_best_span_is_the_answers_text_as_it_stands()
    {
        var prediction = (AnswerPrediction)Decode(Task(TaskKind.QuestionAnswering), new QuestionExample("q", Here, "q", "AB c, de"), [], 30, row => Plain(row, ('c', 'd', 4)));

        Assert.Equal(("c, d", 3), (prediction.Text, prediction.Best[0].Start));
        Assert.Equal(8, prediction.Best[0].Score);
        Assert.Equal(0 - 8, prediction.NullScore);
        Assert.Equal(1, prediction.Best.Sum(answer => answer.Probability), 6);
    }

    [Fact]
    public void An_answers_start_counts_code_points() => Assert.Equal(2, ((AnswerPrediction)Decode(
        Task(TaskKind.QuestionAnswering), new QuestionExample("q", Here, "q", "😀 ab c"), [], 30, row => Plain(row, ('a', 'b', 4)))).Best[0].Start);

    [Fact]
    public void Answers_come_from_the_window_that_sees_most_around_their_start()
    {
        // 'd' is the last token of the first window and in the middle of the third.
        var prediction = (AnswerPrediction)Decode(Task(TaskKind.QuestionAnswering, new(Stride: 1)), new QuestionExample("q", Here, "q", "abcdefgh"), [], 8,
            row => row.Window == 0 ? Plain(row, ('d', 'x', 9)) : Plain(row, ('f', 'g', 3)));

        Assert.Equal("fg", prediction.Text);
    }

    [Fact]
    public void An_answer_longer_than_allowed_or_backwards_is_none()
    {
        var prediction = (AnswerPrediction)Decode(Task(TaskKind.QuestionAnswering, new(MaxAnswerLength: 2)), new QuestionExample("q", Here, "q", "abcdef"), [], 30,
            row => Plain(row, ('a', 'f', 5), ('e', 'b', 5)));

        Assert.All(prediction.Best, answer => Assert.InRange(answer.Text.Length, 1, 2));
    }

    [Fact]
    public void A_null_score_above_the_threshold_leaves_the_question_open()
    {
        var prediction = (AnswerPrediction)Decode(Task(TaskKind.QuestionAnswering), new QuestionExample("q", Here, "q", "abc"), [], 30,
            row => Plain(row, ('a', 'a', 1)) is var scores && row.Window == 0 ? scores with { Start = [5, .. scores.Start[1..]], End = [1, .. scores.End[1..]] } : scores);

        Assert.Equal(4, prediction.NullScore); // 5 + 1 for the start token, less 1 + 1 for "a"
        Assert.Equal(("", "a"), (prediction.At(0), prediction.At(4)));
    }

    [Fact]
    public void The_joint_heads_ends_belong_to_their_starts_and_its_null_score_is_the_smallest_logit()
    {
        var prediction = (AnswerPrediction)Decode(Task(TaskKind.QuestionAnswering, new(Stride: 4)), new QuestionExample("q", Here, "q", "abcdefgh"), [], 8, row =>
        {
            if (row.Window == 1) return new([]) { Start = [.. Enumerable.Repeat(-9f, row.Length)], TopStarts = [3], EndGivenStart = [.. Enumerable.Repeat(-9f, row.Length)], NoAnswer = 2 };
            var start = Enumerable.Repeat(-9f, row.Length).ToArray();
            (start[3], start[4]) = (MathF.Log(0.3f), MathF.Log(0.6f));
            var ends = Enumerable.Repeat(-9f, 2 * row.Length).ToArray();
            (ends[5], ends[row.Length + 4]) = (MathF.Log(0.9f), MathF.Log(0.4f)); // a to c has 0.3 x 0.9, b alone 0.6 x 0.4
            return new([]) { Start = start, TopStarts = [3, 4], EndGivenStart = ends, NoAnswer = -1.5f };
        });

        Assert.Equal("abc", prediction.Text);
        Assert.Equal(Math.Log(0.27), prediction.Best[0].Score, 5);
        Assert.Equal(-1.5, prediction.NullScore);
    }
}
