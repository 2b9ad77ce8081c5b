namespace Electra.Model;

/// <summary>Which published design an encoder follows. They differ in names, positions and heads, not in their layers.</summary>
public enum EncoderFamily
{
    /// <summary>Clark et al. 2020.</summary>
    Electra,
    /// <summary>Devlin et al. 2019.</summary>
    Bert,
    /// <summary>Liu et al. 2019: no token types, positions counted from padding_idx + 1.</summary>
    Roberta,
}
