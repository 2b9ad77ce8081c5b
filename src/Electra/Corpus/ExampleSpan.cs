namespace Electra.Corpus;

/// <summary>An example as a place in a block, in tokens from the block's start and without special tokens.</summary>
/// <param name="Start">First token.</param>
/// <param name="End">After the last token.</param>
/// <param name="SecondStart">First token of the second segment; equal to <paramref name="End"/> if the text holds one segment.</param>
/// <param name="PartnerTokens">
/// Zero, or the least number of tokens of a random partner that takes the place of a second segment.
/// The partner's last sentence may go beyond, and its document may end before.
/// </param>
public readonly record struct ExampleSpan(int Start, int End, int SecondStart, int PartnerTokens = 0);
