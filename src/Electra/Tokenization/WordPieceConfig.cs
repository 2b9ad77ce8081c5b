namespace Electra.Tokenization;

/// <summary>The settings of BERT's tokenizer that change ids.</summary>
/// <param name="LowerCase">Lower-cases text, as uncased vocabularies expect.</param>
/// <param name="StripAccents">Removes accents; null does what <paramref name="LowerCase"/> says, as BERT does.</param>
/// <param name="IsolateCjk">Makes every CJK ideograph a word of its own.</param>
/// <param name="MaxWordCharacters">A longer word becomes [UNK]: 100 in Hugging Face, 200 in google-research/electra.</param>
public sealed record WordPieceConfig(
    bool LowerCase = true,
    bool? StripAccents = null,
    bool IsolateCjk = true,
    int MaxWordCharacters = 100)
{
    /// <summary>True if accents are removed, by <see cref="StripAccents"/> or else by <see cref="LowerCase"/>.</summary>
    public bool StripsAccents => StripAccents ?? LowerCase;
}
