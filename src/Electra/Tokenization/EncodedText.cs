namespace Electra.Tokenization;

/// <summary>One text or pair of texts, framed by special tokens, as an encoder takes it; without padding.</summary>
/// <param name="Ids">(T) token ids.</param>
/// <param name="TokenTypes">(T) 0, or 1 for a second text where the layout tells them apart.</param>
/// <param name="Sources">(T) 0 for the first text, 1 for the second, -1 for special tokens.</param>
/// <param name="Offsets">(T) start and exclusive end in UTF-16 code units of the text it came from; (0, 0) for special tokens.</param>
/// <param name="IsTruncated">True if tokens were left out for want of room.</param>
public sealed record EncodedText(int[] Ids, byte[] TokenTypes, sbyte[] Sources, (int Start, int End)[] Offsets, bool IsTruncated)
{
    /// <summary>The number of tokens, special ones included.</summary>
    public int Length => Ids.Length;
}
