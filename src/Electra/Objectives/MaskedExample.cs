namespace Electra.Objectives;

/// <summary>One row of a batch with its mask drawn: plain arrays, made ahead of the step and the same on every path.</summary>
/// <param name="Ids">Original tokens with [CLS] and [SEP].</param>
/// <param name="SecondSegmentStart">First token of type 1; the row's length if there is none.</param>
/// <param name="Positions">Chosen positions, rising.</param>
/// <param name="Shown">What the masked language model sees at each of them.</param>
/// <param name="Draws">A uniform number in [0, 1) for each chosen position, which picks the replacement.</param>
/// <param name="IsNextSentence">Of a pair: true if the second part follows the first in the text.</param>
public sealed record MaskedExample(int[] Ids, int SecondSegmentStart, int[] Positions, int[] Shown, double[] Draws, bool? IsNextSentence = null);
