namespace Electra.Corpus;

/// <summary>A sequence to learn from, not yet masked.</summary>
/// <param name="TokenIds">(T) ids with start and separators, not padded.</param>
/// <param name="SecondSegmentStart">Index of the first token of type 1; T if there is none.</param>
/// <param name="Place">Names the example, whatever the order of the epoch: the key of its masks (<see cref="Randomness.CounterRandom.Place"/>).</param>
/// <param name="IsNextSentence">For pairs: true if the second part follows the first in the text; null for other rules.</param>
public sealed record Example(int[] TokenIds, int SecondSegmentStart, ulong Place, bool? IsNextSentence);
