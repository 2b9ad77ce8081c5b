using Electra.Tokenization;

namespace Electra.Tests.Tokenization;

public sealed class ByteLevelBpeTests
{
    static readonly string? Shared = TokenizationReference.Shared();

    [Fact]
    public void Every_line_equals_the_published_tokenizer()
    {
        Assert.SkipUnless(Shared is not null, "needs ../shared");
        var tokenizer = TokenizerDirectory.Load(Path.Combine(Shared!, "data/tokenizers/roberta-base"));
        var wrong = new List<string>();
        foreach (var e in TokenizationReference.Read(Path.Combine(Shared!, $"goldens/tokenization/roberta-base.jsonl")))
        {
            if (!tokenizer.Encode(e.Text).SequenceEqual(e.Ids)) wrong.Add("fast " + e.Text);
            if (!tokenizer.EncodeWithOffsets(e.Text).Ids.SequenceEqual(e.Ids)) wrong.Add("offs " + e.Text);
        }
        Assert.Equal("", string.Join("\n", wrong));
    }
}
