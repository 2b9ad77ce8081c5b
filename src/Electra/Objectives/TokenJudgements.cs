using Electra.Evaluation;

namespace Electra.Objectives;

/// <summary>What a discriminator said of tokens of text ([CLS] and [SEP] are none), and what was true.</summary>
public sealed class TokenJudgements
{
    readonly List<float> _scores = [];
    readonly List<bool> _labels = [];
    readonly List<int> _tokens = [];

    /// <summary>Tokens judged.</summary>
    public int Count => _scores.Count;

    /// <summary>Adds one token as the discriminator saw it.</summary>
    public void Add(int token, float score, bool isReplaced)
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

    /// <summary>Adds accuracies, the share of replaced tokens and the AUC under their names in the log.</summary>
    public void AddTo(Dictionary<string, double> metrics)
    {
        long numReplaced = 0, originalsRight = 0, replacementsRight = 0;
        for (var i = 0; i < _scores.Count; i++)
        {
            if (_labels[i]) numReplaced++;
            if (_labels[i] && _scores[i] > 0) replacementsRight++;
            if (!_labels[i] && _scores[i] <= 0) originalsRight++;
        }
        metrics["replaced_share"] = (double)numReplaced / _scores.Count;
        metrics["discriminator_accuracy_original"] = (double)originalsRight / (_scores.Count - numReplaced);
        metrics["discriminator_accuracy_replaced"] = (double)replacementsRight / numReplaced;
        metrics["discriminator_auc"] = AreaUnderRocCurve.Compute(_scores.ToArray(), _labels.ToArray());
    }
}
