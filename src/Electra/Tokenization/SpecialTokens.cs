namespace Electra.Tokenization;

/// <summary>Ids of the tokens that stand for no text.</summary>
/// <param name="Start">[CLS] or &lt;s&gt;.</param>
/// <param name="Separator">[SEP] or &lt;/s&gt;.</param>
/// <param name="Padding">[PAD] or &lt;pad&gt;.</param>
/// <param name="Mask">[MASK] or &lt;mask&gt;.</param>
/// <param name="Unknown">[UNK] or &lt;unk&gt;.</param>
public sealed record SpecialTokens(int Start, int Separator, int Padding, int Mask, int Unknown)
{
    /// <summary>True for every special token but the unknown one, which stands for text and may be masked.</summary>
    public bool IsStructural(int id) => id == Start || id == Separator || id == Padding || id == Mask;
}
