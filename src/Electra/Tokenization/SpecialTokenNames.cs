namespace Electra.Tokenization;

/// <summary>How the special tokens are written in a vocabulary.</summary>
public sealed record SpecialTokenNames(string Start, string Separator, string Padding, string Mask, string Unknown)
{
    /// <summary>[CLS], [SEP], [PAD], [MASK], [UNK].</summary>
    public static SpecialTokenNames Bert { get; } = new("[CLS]", "[SEP]", "[PAD]", "[MASK]", "[UNK]");

    /// <summary>&lt;s&gt;, &lt;/s&gt;, &lt;pad&gt;, &lt;mask&gt;, &lt;unk&gt;.</summary>
    public static SpecialTokenNames Roberta { get; } = new("<s>", "</s>", "<pad>", "<mask>", "<unk>");

    /// <summary>The five names.</summary>
    public IEnumerable<string> All => [Padding, Unknown, Start, Separator, Mask];

    /// <summary>The ids of these names.</summary>
    /// <exception cref="InvalidDataException">The vocabulary lacks some of them, all of which are named.</exception>
    public SpecialTokens FindIn(Vocabulary vocabulary)
    {
        var missing = All.Where(name => vocabulary.IdOf(name) is null).ToList();
        if (missing.Count > 0)
            throw new InvalidDataException($"The vocabulary of {vocabulary.Count:N0} tokens lacks {string.Join(", ", missing)}, which every encoder needs. Wrong file?");
        int Id(string name) => vocabulary.IdOf(name)!.Value; // all are there, as checked above
        return new SpecialTokens(Id(Start), Id(Separator), Id(Padding), Id(Mask), Id(Unknown));
    }
}
