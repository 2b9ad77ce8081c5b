namespace Electra.Tokenization;

/// <summary>Takes out the spaces that splitting put before signs, by the rules Hugging Face uses when it decodes WordPiece.</summary>
static class EnglishSpacing
{
    static readonly (string Spaced, string Joined)[] Rules =
    [
        (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"), (" 'm", "'m"), (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
    ];

    public static string Tidy(string text) => Rules.Aggregate(text, (tidied, rule) => tidied.Replace(rule.Spaced, rule.Joined));
}
