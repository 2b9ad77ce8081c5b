namespace Electra.Objectives;

/// <summary>One row of a batch with its mask drawn: plain arrays, made ahead of the step and the same on every path.</summary>
/// <param name="Ids">Original tokens with [CLS] and [SEP].</param>
/// <param name="TokenTypes">0 for the first segment, 1 for the second.</param>
/// <param name="Positions">Chosen positions, rising.</param>
/// <param name="MaskedIds">The row as the masked language model sees it.</param>
/// <param name="Draws">A uniform number in [0, 1) for each chosen position, which picks the replacement.</param>
public sealed record MaskedExample(int[] Ids, int[] TokenTypes, int[] Positions, int[] MaskedIds, double[] Draws);
