namespace Electra.Objectives;

/// <summary>What a micro-batch must know of the whole step.</summary>
/// <param name="NumRows">Examples.</param>
/// <param name="NumTokens">Real tokens, [CLS] and [SEP] counted.</param>
/// <param name="NumMasked">Chosen positions.</param>
/// <param name="Progress">How far the run is, from 0 to 1.</param>
public readonly record struct StepTotals(long NumRows, long NumTokens, long NumMasked, double Progress = 1)
{
    /// <summary>Of an evaluation, where nothing is divided: no gradient is taken.</summary>
    public static StepTotals Evaluation => new(1, 1, 1);

    /// <summary>Counts the rows of a step.</summary>
    public static StepTotals Of(IReadOnlyList<MaskedExample> rows, double progress = 1) =>
        new(rows.Count, rows.Sum(row => (long)row.Ids.Length), rows.Sum(row => (long)row.Positions.Length), progress);
}
