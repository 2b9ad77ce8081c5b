namespace Electra.Objectives;

/// <summary>Which tokens are hidden, and what stands in their place.</summary>
/// <param name="MaskProbability">Share of a row's tokens that are chosen; 0.15 for small and base, 0.25 for ELECTRA-Large.</param>
/// <param name="MaskTokenShare">Share of the chosen that become [MASK]: 0.85 in ELECTRA's code, 0.8 in BERT.</param>
/// <param name="RandomTokenShare">Share of the chosen that become a random token: 0 in ELECTRA, 0.1 in BERT. The rest stays.</param>
/// <param name="DrawsWithReplacement">True repeats google-research/electra: positions drawn with replacement, so that about 7 % repeat.</param>
public sealed record TokenMaskingConfig(
    double MaskProbability = 0.15,
    double MaskTokenShare = 0.85,
    double RandomTokenShare = 0,
    bool DrawsWithReplacement = false)
{
    /// <summary>Every impossible value, one message each.</summary>
    public IEnumerable<string> Problems()
    {
        if (!(MaskProbability > 0 && MaskProbability < 1)) yield return $"mask_probability is {MaskProbability}, it must lie in (0, 1)";
        if (!(MaskTokenShare >= 0 && MaskTokenShare <= 1)) yield return $"mask_token_share is {MaskTokenShare}, it must lie in [0, 1]";
        if (!(RandomTokenShare >= 0 && MaskTokenShare + RandomTokenShare <= 1))
            yield return $"random_token_share is {RandomTokenShare}: with mask_token_share {MaskTokenShare} it must stay within [0, 1]";
    }
}
