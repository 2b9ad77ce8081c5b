namespace Electra.FineTuning.Tasks;

/// <summary>Scores of first pieces to tags of words.</summary>
static class TagDecoder
{
    /// <summary>The most probable tag of each word, the whole sequence mended as conlleval reads it and written in the files' scheme.</summary>
    public static TagPrediction Decode(
        TaggedExample example, IReadOnlyList<string> labels, TagScheme scheme, IReadOnlyList<(EncodedExample Row, WindowScores Scores)> windows)
    {
        var tags = new string[example.Words.Count];
        var probabilities = new double[example.Words.Count];
        Array.Fill(tags, "O");
        Array.Fill(probabilities, double.NaN);
        var said = new List<string>();
        var logits = new double[labels.Count];
        foreach (var (row, scores) in windows)
            for (var word = 0; word < tags.Length; word++)
            {
                if (row.WordTokens[word] < 0) continue;
                for (var label = 0; label < labels.Count; label++) logits[label] = scores.Logits[row.WordTokens[word] * labels.Count + label];
                var shares = TaskDecoder.Softmax(logits);
                var best = Array.IndexOf(shares, shares.Max());
                (tags[word], probabilities[word]) = (labels[Math.Max(best, 0)], shares[Math.Max(best, 0)]);
                said.Add(tags[word]);
            }
        return new TagPrediction(example.Id, TagSequence.Write(tags, scheme), probabilities) { Said = [.. said] };
    }
}
