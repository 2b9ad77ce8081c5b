namespace Electra.Evaluation;

/// <summary>Counts entities over sentences as conlleval does: one is correct if its first token, its last token and its type are.</summary>
public sealed class EntityScore
{
    readonly SortedDictionary<string, PrecisionRecall> _perType = new(StringComparer.Ordinal);

    /// <summary>Number of tokens.</summary>
    public long NumTokens { get; private set; }

    /// <summary>Number of tokens whose whole tag is right.</summary>
    public long NumCorrectTokens { get; private set; }

    /// <summary>Share of tokens whose whole tag is right, O included; NaN without tokens.</summary>
    public double TokenAccuracy => (double)NumCorrectTokens / NumTokens;

    /// <summary>Counts of all types together.</summary>
    public PrecisionRecall Overall => _perType.Values.Aggregate(default(PrecisionRecall), PrecisionRecall.Add);

    /// <summary>Counts by type, in ordinal order.</summary>
    public IReadOnlyDictionary<string, PrecisionRecall> PerType => _perType;

    /// <summary>Scores whole sentences.</summary>
    /// <exception cref="ArgumentException">A sentence has more gold than predicted tags or fewer, or a tag is none.</exception>
    public static EntityScore Of(IEnumerable<TaggedSentence> sentences)
    {
        var score = new EntityScore();
        foreach (var sentence in sentences) score.Add(sentence.Gold, sentence.Predicted);
        return score;
    }

    /// <summary>Counts one sentence; entities never cross its ends.</summary>
    /// <exception cref="ArgumentException">The lists differ in length, or a tag is none.</exception>
    public void Add(ReadOnlySpan<string> gold, ReadOnlySpan<string> predicted)
    {
        if (gold.Length != predicted.Length)
            throw new ArgumentException($"{gold.Length:N0} gold tags, but {predicted.Length:N0} predicted.");
        NumTokens += gold.Length;
        for (var i = 0; i < gold.Length; i++)
            if (gold[i] == predicted[i]) NumCorrectTokens++;

        var expected = EntitySpans.Of(gold);
        var found = EntitySpans.Of(predicted);
        foreach (var span in expected) Count(span.Type, new PrecisionRecall(0, 0, 1));
        foreach (var span in found) Count(span.Type, new PrecisionRecall(0, 1, 0));
        foreach (var span in expected.Intersect(found)) Count(span.Type, new PrecisionRecall(1, 0, 0));
    }

    void Count(string type, PrecisionRecall counts) => _perType[type] = _perType.GetValueOrDefault(type) + counts;
}
