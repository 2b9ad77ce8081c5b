namespace Electra.Objectives;

/// <summary>Which tokens are hidden, and what stands in their place.</summary>
/// <param name="MaskProbability">Share of a row's tokens that are chosen; 0.15 for small and base, 0.25 for ELECTRA-Large.</param>
/// <param name="MaskTokenShare">Share of the chosen that become [MASK]: 0.85 in ELECTRA's code, 0.8 in BERT.</param>
/// <param name="RandomTokenShare">Share of the chosen that become a random token: 0 in ELECTRA, 0.1 in BERT. The rest stays.</param>
/// <param name="DrawsWithReplacement">True repeats google-research/electra: positions drawn with replacement, so that about 7 % repeat.</param>
/// <param name="WholeWords">True chooses words, with all their pieces.</param>
/// <param name="StaticCopies">0 draws new masks in every epoch; n repeats those of the first n epochs, as BERT's duplicated data does.</param>
public sealed record TokenMaskingConfig(
    double MaskProbability = 0.15,
    double MaskTokenShare = 0.85,
    double RandomTokenShare = 0,
    bool DrawsWithReplacement = false,
    bool WholeWords = false,
    int StaticCopies = 0)
{
    /// <summary>Number of positions to choose in a row of <paramref name="length"/> tokens, [CLS] and [SEP] counted.</summary>
    public int CountFor(int length) => Math.Max(1, (int)Math.Round(length * MaskProbability, MidpointRounding.ToEven));

    /// <summary>Every impossible value, one message each.</summary>
    public IEnumerable<string> Problems()
    {
        if (!(MaskProbability > 0 && MaskProbability < 1)) yield return $"mask_probability is {MaskProbability}, it must lie in (0, 1)";
        if (!(MaskTokenShare >= 0 && MaskTokenShare <= 1)) yield return $"mask_token_share is {MaskTokenShare}, it must lie in [0, 1]";
        if (!(RandomTokenShare >= 0 && MaskTokenShare + RandomTokenShare <= 1))
            yield return $"random_token_share is {RandomTokenShare}: with mask_token_share {MaskTokenShare} it must stay within [0, 1]";
        if (WholeWords && DrawsWithReplacement) yield return "whole_words and draws_with_replacement exclude each other";
        if (StaticCopies < 0) yield return $"static_copies is {StaticCopies}, it must not be negative (0 draws new masks in every epoch)";
    }
}
