using System.IO.Hashing;
using System.Text;
using Electra.Evaluation;

namespace Electra.Tests.Evaluation;

public sealed class SquadTests
{
    [Theory]
    [InlineData("The  Quick, brown\u2014fox's a-b an-the", "quick brown\u2014foxs ab anthe")]
    [InlineData("\u0391\u03a3 \u039f\u0394\u039f\u03a3", "\u03b1\u03c2 \u03bf\u03b4\u03bf\u03c2")] // a sigma at the end of a word
    [InlineData("\u0130stanbul", "i\u0307stanbul")]
    [InlineData("a\u00b2the the\u00b2 \u203fthe", "a\u00b2the the\u00b2 \u203f")] // numbers belong to words, the undertie does not
    [InlineData("x\u001cy\u2003z", "x y z")]
    [InlineData("\u0301the a\u0301", "\u0301 \u0301")] // Python sees no word character in a combining mark
    [InlineData("$1,000.50 (US)", "100050 us")]
    [InlineData("The", "")]
    public void Answers_are_compared_in_the_normal_form_of_the_official_script(string answer, string expected) =>
        Assert.Equal(expected, SquadAnswer.Normalize(answer));

    [Fact]
    public void F1_counts_words_as_often_as_they_stand()
    {
        // Gold "x y y", predicted "y y y z": two in common, precision 2/4, recall 2/3.
        Assert.Equal(4.0 / 7, SquadAnswer.F1("x y y", "y y y z"), 12);
        Assert.Equal(0, SquadAnswer.F1("x", "y"));
    }

    [Fact]
    public void The_best_of_the_gold_answers_counts()
    {
        var outcome = SquadOutcome.Of(new SquadQuestion("q", ["a b c", "b c d"]), "b c d e", isVersion2: true);

        Assert.Equal(0, outcome.Exact);
        Assert.Equal(2 * 0.75 * 1 / 1.75, outcome.F1, 12);
    }

    [Theory]
    [InlineData("", 1), InlineData("the", 1), InlineData("x", 0)]
    public void Saying_nothing_is_right_where_there_is_no_answer(string answer, double expected)
    {
        var outcome = SquadOutcome.Of(new SquadQuestion("q", []), answer, isVersion2: true);

        Assert.Equal((expected, expected), (outcome.Exact, outcome.F1));
    }

    [Fact]
    public void A_missing_prediction_counts_0_and_an_unknown_one_not_at_all()
    {
        SquadQuestion[] questions = [new("a", ["x"]), new("b", ["y"])];

        var result = SquadEvaluation.Of(questions, isVersion2: false, [new("a", "x"), new("z", "x")]);

        Assert.Equal(new SquadScore(50, 50, 2), result.Overall);
        Assert.Equal((1, 1), (result.NumMissing, result.NumUnknown));
        Assert.Null(result.HasAnswer);
    }

    [Fact]
    public void The_best_threshold_takes_answers_in_while_they_help()
    {
        SquadQuestion[] questions = [new("right", ["x"]), new("wrong", []), new("late", ["y"]), new("none", [])];
        KeyValuePair<string, string>[] answers = [new("right", "x"), new("wrong", "x"), new("late", "y"), new("none", "")];
        KeyValuePair<string, double>[] noAnswer = [new("wrong", 0.5), new("right", 0.1), new("none", 0.9), new("late", 0.6)];

        var result = SquadEvaluation.Of(questions, isVersion2: true, answers, noAnswer, noAnswerThreshold: 0.2);

        // Unanswered: 2 right. With "right" 3, with "wrong" 2, with "late" 3, which is no better than the first 3.
        Assert.Equal(new SquadThreshold(75, 0.1), result.BestExact);
        Assert.Equal(75, result.Overall.Exact);
        Assert.Equal((50, 100), (result.HasAnswer!.Exact, result.NoAnswer!.Exact));
    }

    [Fact]
    public void Every_prediction_needs_a_no_answer_score() =>
        Assert.Contains("'b'", Assert.Throws<InvalidDataException>(() => SquadEvaluation.Of(
            [new("a", ["x"]), new("b", ["y"])], isVersion2: true, [new("a", "x"), new("b", "y")], [new("a", 0.5)])).Message);

    [Fact]
    public void The_published_predictions_for_version_1_have_their_reference_score()
    {
        var result = Evaluate("dev-v1.1.rebuilt.json", "v1.1-logistic-regression.json");

        Assert.Equal(40.14191106906339, result.Overall.Exact, 1e-6);
        Assert.Equal(50.98153647324482, result.Overall.F1, 1e-6);
        Assert.Equal((10570, 13), (result.Overall.Total, result.NumMissing));
    }

    [Fact]
    public void The_published_predictions_for_version_2_have_their_reference_score()
    {
        var result = Evaluate("dev-v2.0.rebuilt.json", "v2.0-bert-single.json");

        Assert.Equal(78.74168280973637, result.Overall.Exact, 1e-6);
        Assert.Equal(81.77528052374723, result.Overall.F1, 1e-6);
        Assert.Equal(74.10593792172739, result.HasAnswer!.Exact, 1e-6);
        Assert.Equal(80.18183293833522, result.HasAnswer.F1, 1e-6);
        Assert.Equal(83.36417157275021, result.NoAnswer!.Exact, 1e-6);
        Assert.Equal((11873, 5928, 5945), (result.Overall.Total, result.HasAnswer.Total, result.NoAnswer.Total));
    }

    [Fact]
    public void No_answer_thresholds_equal_an_independent_computation()
    {
        // Invented scores: crc32(id) mod 1000 / 1000, halved where an answer is given. Expected values from a short Python program.
        var answers = SquadPredictions.ReadAnswers(SharedData.PathOf("data/squad/predictions/v2.0-bert-single.json"));
        var scores = answers.Select(answer => KeyValuePair.Create(answer.Key,
            Crc32.HashToUInt32(Encoding.UTF8.GetBytes(answer.Key)) % 1000 / 1000.0 * (answer.Value.Length > 0 ? 0.5 : 1))).ToList();
        var (questions, isVersion2) = SquadQuestion.Read(SharedData.PathOf("data/squad/dev-v2.0.rebuilt.json"));

        var result = SquadEvaluation.Of(questions, isVersion2, answers, scores, noAnswerThreshold: 0.3);

        Assert.Equal(67.41345910890256, result.Overall.Exact, 1e-6);
        Assert.Equal(69.35515705467196, result.Overall.F1, 1e-6);
        Assert.Equal(48.38963895244909, result.HasAnswer!.F1, 1e-6);
        Assert.Equal(0.4995, result.BestF1!.Threshold);
        Assert.Equal(81.7752805237471, result.BestF1.Best, 1e-6);
    }

    [Theory]
    [InlineData("""{"data": [{"paragraphs": [{"qas": [{"id": "a", "answers": []}, {"id": "a", "answers": []}]}]}]}""", "data[0].paragraphs[0].qas[1]: the id 'a' stands twice")]
    [InlineData("""{"data": [{"paragraphs": [{"qas": [{"answers": []}]}]}]}""", "data[0].paragraphs[0].qas[0] has no text 'id'")]
    [InlineData("""{"data": [{"title": "x"}]}""", "no list 'data[0].paragraphs'")]
    [InlineData("[]", "no list 'data'")]
    [InlineData("""{"data": []}""", "no questions")]
    [InlineData("{\n\"data\": [\n", "line 3 is no valid JSON")]
    public void A_bad_data_file_is_named_with_the_place(string text, string message)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("dev.json", text);

        var error = Assert.Throws<InvalidDataException>(() => SquadQuestion.Read(path));

        Assert.StartsWith(path, error.Message);
        Assert.Contains(message, error.Message);
    }

    [Theory]
    [InlineData("{\"a\": \"x\",\n\"a\": \"y\"}", "line 2: the id 'a' stands twice")]
    [InlineData("{\"a\": \"x\",\n\n\"b\": 3}", "line 3: the id 'b' needs an answer's text")]
    [InlineData("{\"a\": \"x\"", "line 1 is no valid JSON")]
    [InlineData("{\"a\": \"x\"} x", "line 1 is no valid JSON")]
    [InlineData("", "no valid JSON")]
    [InlineData("[\"x\"]", "not a JSON object")]
    public void A_bad_prediction_file_is_named_with_its_line(string text, string message)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("predictions.json", text);

        var error = Assert.Throws<InvalidDataException>(() => SquadPredictions.ReadAnswers(path));

        Assert.StartsWith(path, error.Message);
        Assert.Contains(message, error.Message);
    }

    static SquadEvaluation Evaluate(string data, string predictions)
    {
        var (questions, isVersion2) = SquadQuestion.Read(SharedData.PathOf($"data/squad/{data}"));
        return SquadEvaluation.Of(questions, isVersion2, SquadPredictions.ReadAnswers(SharedData.PathOf($"data/squad/predictions/{predictions}")));
    }
}
