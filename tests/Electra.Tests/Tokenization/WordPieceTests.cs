using Electra.Tokenization;

namespace Electra.Tests.Tokenization;

public sealed class WordPieceTests
{
    static readonly string? Shared = TokenizationReference.Shared();

    static WordPieceTokenizer Load(string name) =>
        new(TokenizationReference.ReadVocabulary(Path.Combine(Shared!, $"data/tokenizers/{name}/vocab.txt")),
            new WordPieceConfig(LowerCase: name.EndsWith("uncased")));

    [Theory]
    [InlineData("bert-base-uncased"), InlineData("bert-base-cased")]
    public void Every_line_equals_the_published_tokenizer(string name)
    {
        Assert.SkipUnless(Shared is not null, "needs ../shared");
        var tokenizer = Load(name);
        var plain = new PlainWordPiece(tokenizer.Vocabulary, tokenizer.Config);
        var wrong = new List<string>();
        foreach (var e in TokenizationReference.Read(Path.Combine(Shared!, $"goldens/tokenization/{name}.jsonl")))
        {
            if (!tokenizer.Encode(e.Text).SequenceEqual(e.Ids)) wrong.Add("fast " + e.Text);
            if (!plain.Tokenize(e.Text).SequenceEqual(e.Tokens)) wrong.Add("plain " + e.Text);
            if (!tokenizer.EncodeWithOffsets(e.Text).Ids.SequenceEqual(e.Ids)) wrong.Add("offs " + e.Text);
        }
        Assert.Equal("", string.Join("\n", wrong));
    }
}
