using Electra.Corpus;
using Electra.Objectives;
using Electra.Tokenization;

namespace Electra.Pretraining;

/// <summary>
/// The objective on held-out documents, always with the same masks and draws, so that the figures of two moments or two runs compare.
/// </summary>
public sealed class HeldOutEvaluation
{
    /// <summary>Of masks and draws: fixed, whatever the run's seed.</summary>
    const ulong Seed = 20_200_323;

    const int RowsAtOnce = 32;

    readonly List<MaskedBatch> _batches = [];

    /// <param name="split">Held-out documents.</param>
    /// <param name="cutting">How they become examples.</param>
    /// <param name="maxLength">Tokens of an example.</param>
    /// <param name="masking">Chooses the tokens to hide.</param>
    /// <param name="specialTokens">Of the tokenizer.</param>
    /// <param name="maxTokens">Where to stop.</param>
    public HeldOutEvaluation(DatasetSplit split, CuttingRule cutting, int maxLength, TokenMasking masking, SpecialTokens specialTokens, long maxTokens)
    {
        var examples = new ExampleSequence(split, cutting, maxLength, Seed, specialTokens);
        var rows = new List<MaskedExample>();
        for (long index = 0; index < examples.Count(0) && NumTokens < maxTokens; index++)
        {
            var example = examples.ReadInOrder(0, index);
            rows.Add(PretrainingBatches.Mask(example, masking, Seed, (ulong)index));
            NumTokens += example.TokenIds.Length;
            if (rows.Count == RowsAtOnce) Flush();
        }
        if (rows.Count > 0) Flush();

        void Flush()
        {
            _batches.Add(MaskedBatch.Pad(rows, specialTokens.Padding));
            rows.Clear();
        }
    }

    /// <summary>Held-out tokens judged, [CLS] and [SEP] counted.</summary>
    public long NumTokens { get; private set; }

    /// <summary>The objective's sums over all held-out rows.</summary>
    public ObjectiveSums Run(IPretrainingObjective objective)
    {
        var sums = new ObjectiveSums();
        foreach (var batch in _batches) objective.Accumulate(batch, StepTotals.Evaluation, dropout: null, sums);
        return sums;
    }
}
