using Electra.Evaluation;

namespace Electra.Objectives;

/// <summary>Sums over one batch or one evaluation, from which every reported figure is a quotient: so parts add up exactly.</summary>
public sealed class ReplacedTokenDetectionSums
{
    readonly List<float> _scores = [];
    readonly List<bool> _labels = [];
    readonly List<int> _tokens = [];

    /// <summary>Cross entropy of the generator, in nats, summed over chosen positions.</summary>
    public double GeneratorLoss { get; set; }

    /// <summary>Binary cross entropy of the discriminator, in nats, summed over real tokens.</summary>
    public double DiscriminatorLoss { get; set; }

    /// <summary>Chosen positions.</summary>
    public long NumMasked { get; set; }

    /// <summary>Real tokens, [CLS] and [SEP] counted, as in the loss.</summary>
    public long NumTokens { get; set; }

    /// <summary>Chosen positions where the generator's likeliest token is the original.</summary>
    public long NumGuessed { get; set; }

    /// <summary>Tokens of text judged: [CLS] and [SEP] are not.</summary>
    public int NumJudged => _scores.Count;

    /// <summary>Adds one token of text as the discriminator saw it.</summary>
    public void Judge(int token, float score, bool isReplaced)
    {
        _tokens.Add(token);
        _scores.Add(score);
        _labels.Add(isReplaced);
    }

    /// <summary>
    /// The AUC of a judge who knows nothing but how frequent each token is: what the discriminator must beat. Replacements may be rarer or
    /// more frequent than text, so the better direction counts.
    /// </summary>
    /// <param name="tokenCounts">Occurrences of each token in the training text.</param>
    public double UnigramAuc(ReadOnlySpan<long> tokenCounts)
    {
        var scores = new float[_tokens.Count];
        for (var i = 0; i < scores.Length; i++) scores[i] = tokenCounts[_tokens[i]];
        var area = AreaUnderRocCurve.Compute(scores, _labels.ToArray());
        return Math.Max(area, 1 - area);
    }

    /// <summary>The figures of the run log.</summary>
    /// <param name="generatorWeight">Weight of the generator's loss in the total.</param>
    /// <param name="discriminatorWeight">Weight of the discriminator's loss in the total.</param>
    public Dictionary<string, double> ToMetrics(double generatorWeight, double discriminatorWeight)
    {
        var generatorLoss = GeneratorLoss / NumMasked;
        var discriminatorLoss = DiscriminatorLoss / NumTokens;
        long numReplaced = 0, originalsRight = 0, replacementsRight = 0;
        for (var i = 0; i < _scores.Count; i++)
        {
            if (_labels[i]) numReplaced++;
            if (_labels[i] && _scores[i] > 0) replacementsRight++;
            if (!_labels[i] && _scores[i] <= 0) originalsRight++;
        }
        return new Dictionary<string, double>
        {
            ["loss"] = generatorWeight * generatorLoss + discriminatorWeight * discriminatorLoss,
            ["generator_loss"] = generatorLoss,
            ["discriminator_loss"] = discriminatorLoss,
            ["generator_accuracy"] = (double)NumGuessed / NumMasked,
            ["replaced_share"] = (double)numReplaced / _scores.Count,
            ["discriminator_accuracy_original"] = (double)originalsRight / (_scores.Count - numReplaced),
            ["discriminator_accuracy_replaced"] = (double)replacementsRight / numReplaced,
            ["discriminator_auc"] = AreaUnderRocCurve.Compute(_scores.ToArray(), _labels.ToArray()),
        };
    }
}
