namespace Electra.Evaluation;

/// <summary>Scores of a classifier that may give each example any number of labels.</summary>
/// <param name="PerLabel">Precision, recall and F1 of each label, in order.</param>
/// <param name="ExactMatch">Share of examples whose whole set of labels is right.</param>
public sealed record MultiLabelScore(IReadOnlyList<PrecisionRecall> PerLabel, double ExactMatch)
{
    /// <summary>F1 of the summed counts: frequent labels weigh more.</summary>
    public double MicroF1 => PerLabel.Aggregate(PrecisionRecall.Add).F1;

    /// <summary>Mean F1 of the labels: each weighs the same, one that never occurs and is never predicted counts 0.</summary>
    public double MacroF1 => PerLabel.Average(label => label.F1);

    /// <summary>Compares (N, L) tables of flags, row by row.</summary>
    /// <exception cref="ArgumentException">The tables differ in size, are empty, or are no multiple of <paramref
    /// name="numLabels"/>.</exception>
    public static MultiLabelScore Of(ReadOnlySpan<bool> isExpected, ReadOnlySpan<bool> isPredicted, int numLabels)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(numLabels);
        if (isExpected.Length != isPredicted.Length || isExpected.IsEmpty || isExpected.Length % numLabels != 0)
            throw new ArgumentException(
                $"{isExpected.Length:N0} expected and {isPredicted.Length:N0} predicted flags for {numLabels:N0} labels: two tables of equal, whole rows are needed.");

        var perLabel = new PrecisionRecall[numLabels];
        int numExamples = isExpected.Length / numLabels, exact = 0;
        for (var row = 0; row < numExamples; row++)
        {
            var expected = isExpected.Slice(row * numLabels, numLabels);
            var predicted = isPredicted.Slice(row * numLabels, numLabels);
            if (expected.SequenceEqual(predicted)) exact++;
            for (var label = 0; label < numLabels; label++)
                perLabel[label] += new PrecisionRecall(
                    expected[label] && predicted[label] ? 1 : 0, predicted[label] ? 1 : 0, expected[label] ? 1 : 0);
        }
        return new MultiLabelScore(perLabel, (double)exact / numExamples);
    }
}
