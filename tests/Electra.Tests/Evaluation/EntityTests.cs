using System.Text.Json;
using Electra.Evaluation;

namespace Electra.Tests.Evaluation;

public sealed class EntityTests
{
    [Theory]
    [InlineData("B-X I-X O B-X", "0-2 X, 3-4 X")]
    [InlineData("B-X B-X", "0-1 X, 1-2 X")]
    [InlineData("I-X I-X O I-Y", "0-2 X, 3-4 Y")] // IOB1: I begins an entity
    [InlineData("I-X B-X", "0-1 X, 1-2 X")] // IOB1: B only between neighbours
    [InlineData("I-X I-Y", "0-1 X, 1-2 Y")]
    [InlineData("B-X I-Y O", "0-1 X, 1-2 Y")] // a tag that jumps
    [InlineData("S-X B-X I-X E-X S-Y", "0-1 X, 1-4 X, 4-5 Y")] // BIOES
    [InlineData("I-X E-X E-X", "0-2 X, 2-3 X")] // IOE: E ends
    [InlineData("B-X L-X U-X", "0-2 X, 2-3 X")] // BILOU
    [InlineData("O O", "")]
    [InlineData("B I O", "0-2 ")]
    [InlineData("B-a-b I-a-b", "0-2 a-b")]
    public void Tags_of_every_scheme_become_spans(string tags, string expected) =>
        Assert.Equal(expected, string.Join(", ", EntitySpans.Of(tags.Split(' ')).Select(span => $"{span.Start}-{span.End} {span.Type}")));

    [Theory]
    [InlineData("X-NP"), InlineData(""), InlineData("NP"), InlineData("BNP"), InlineData("o")]
    public void What_is_no_tag_is_refused(string tag) => Assert.Throws<ArgumentException>(() => EntitySpans.Of([tag]));

    [Fact]
    public void An_entity_is_correct_if_both_ends_and_the_type_are()
    {
        var score = new EntityScore();
        score.Add(["B-X", "I-X", "O", "B-Y"], ["B-X", "I-X", "I-X", "B-Y"]);
        score.Add(["B-X", "O"], ["B-Y", "O"]);

        Assert.Equal(new PrecisionRecall(Correct: 1, Found: 3, Expected: 3), score.Overall);
        Assert.Equal(new PrecisionRecall(0, 1, 2), score.PerType["X"]);
        Assert.Equal(new PrecisionRecall(1, 2, 1), score.PerType["Y"]);
        Assert.Equal(4.0 / 6, score.TokenAccuracy, 12);
    }

    [Fact]
    public void An_entity_ends_with_its_sentence()
    {
        var score = new EntityScore();
        score.Add(["B-X"], ["B-X"]);
        score.Add(["I-X"], ["I-X"]);

        Assert.Equal(2, score.Overall.Correct);
    }

    [Fact]
    public void The_baseline_of_conll_2000_has_its_published_score()
    {
        var score = EntityScore.Of(TaggedSentence.Read(SharedData.PathOf("data/chunking/conll2000/baseline_pred.txt")));

        using var json = JsonDocument.Parse(File.ReadAllText(SharedData.PathOf("data/chunking/conll2000/baseline_expected.json")));
        var expected = json.RootElement;
        double Number(string name) => expected.GetProperty(name).GetDouble();
        Assert.Equal(Number("tokens"), score.NumTokens);
        Assert.Equal(Number("accuracy"), 100 * score.TokenAccuracy, 1e-6);
        Assert.Equal(Number("precision"), 100 * score.Overall.Precision, 1e-6);
        Assert.Equal(Number("recall"), 100 * score.Overall.Recall, 1e-6);
        Assert.Equal(Number("f1"), 100 * score.Overall.F1, 1e-6);
        var perType = expected.GetProperty("per_type").EnumerateObject().ToDictionary(type => type.Name, type => new PrecisionRecall(
            type.Value.GetProperty("correct").GetInt64(), type.Value.GetProperty("pred").GetInt64(), type.Value.GetProperty("gold").GetInt64()));
        Assert.Equal(perType, score.PerType);
    }

    [Theory]
    [InlineData("a O O\nb O\n", "line 2 has 2 columns, the first has 3")]
    [InlineData("a O O\nb B-X Z-X\n", "line 2: 'Z-X' is no tag")]
    [InlineData("O\n", "line 1 has 1 column")]
    [InlineData("\n \n", "no tokens")]
    public void A_bad_tagging_file_is_named_with_its_line(string text, string message)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("tags.txt", text);

        var error = Assert.Throws<InvalidDataException>(() => TaggedSentence.Read(path).ToList());

        Assert.StartsWith(path, error.Message);
        Assert.Contains(message, error.Message);
    }

    [Fact]
    public void Columns_between_tabs_may_hold_blanks()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("tags.txt", "New York\tB-X\tO\r\nis\tO\tO\r\n\r\n\nbig\tO\tO");

        var sentences = TaggedSentence.Read(path).ToList();

        Assert.Equal([2, 1], sentences.Select(sentence => sentence.Gold.Length));
        Assert.Equal(["B-X", "O"], sentences[0].Gold);
    }
}
