namespace Electra.Evaluation;

/// <summary>Counts of (label, prediction) pairs over classes 0 to C-1, and every score of a classifier that follows from them.</summary>
public sealed class ConfusionMatrix
{
    readonly long[,] _counts;

    /// <param name="numClasses">C, at least 1.</param>
    public ConfusionMatrix(int numClasses)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(numClasses);
        _counts = new long[numClasses, numClasses];
    }

    /// <summary>Counts parallel lists of labels and predictions.</summary>
    /// <exception cref="ArgumentException">The lists differ in length, or a class lies outside [0, C).</exception>
    public static ConfusionMatrix Of(ReadOnlySpan<int> labels, ReadOnlySpan<int> predictions, int numClasses)
    {
        if (labels.Length != predictions.Length)
            throw new ArgumentException($"{labels.Length:N0} labels, but {predictions.Length:N0} predictions.");
        var matrix = new ConfusionMatrix(numClasses);
        for (var i = 0; i < labels.Length; i++) matrix.Add(labels[i], predictions[i]);
        return matrix;
    }

    /// <summary>Number of classes C.</summary>
    public int NumClasses => _counts.GetLength(0);

    /// <summary>Number of pairs counted.</summary>
    public long Total { get; private set; }

    /// <summary>How often <paramref name="label"/> was predicted as <paramref name="prediction"/>.</summary>
    public long this[int label, int prediction] => _counts[label, prediction];

    /// <summary>Counts one pair.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A class lies outside [0, C).</exception>
    public void Add(int label, int prediction)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)label, (uint)NumClasses, nameof(label));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)prediction, (uint)NumClasses, nameof(prediction));
        _counts[label, prediction]++;
        Total++;
    }

    /// <summary>Share of predictions equal to their label; NaN without any. For one label per example this is micro F1 too.</summary>
    public double Accuracy => (double)NumCorrect / Total;

    /// <summary>Mean F1 of the classes that occur as a label or as a prediction; NaN without any.</summary>
    public double MacroF1 =>
        Enumerable.Range(0, NumClasses).Select(OfClass).Where(score => score.Found + score.Expected > 0)
            .Select(score => score.F1).DefaultIfEmpty(double.NaN).Average();

    /// <summary>F1 of the summed counts of all classes; equal to the accuracy where each example has one label.</summary>
    public double MicroF1 => Total == 0 ? double.NaN : new PrecisionRecall(NumCorrect, Total, Total).F1;

    /// <summary>
    /// Matthews' correlation, in Gorodkin's form (2004) for any number of classes; for two it is the usual one.
    /// 0 where it is undefined, that is when all labels or all predictions are of one class.
    /// </summary>
    public double MatthewsCorrelation
    {
        get
        {
            double agreement = (double)NumCorrect * Total, foundSquares = 0, expectedSquares = 0;
            for (var c = 0; c < NumClasses; c++)
            {
                var score = OfClass(c);
                agreement -= (double)score.Found * score.Expected;
                foundSquares += (double)score.Found * score.Found;
                expectedSquares += (double)score.Expected * score.Expected;
            }
            var square = (double)Total * Total;
            var spread = (square - foundSquares) * (square - expectedSquares);
            return spread == 0 ? 0 : agreement / Math.Sqrt(spread);
        }
    }

    /// <summary>Precision, recall and F1 of one class against all others; of class 1 of 2 it is binary F1.</summary>
    public PrecisionRecall OfClass(int index)
    {
        long found = 0, expected = 0;
        for (var other = 0; other < NumClasses; other++)
        {
            found += _counts[other, index];
            expected += _counts[index, other];
        }
        return new PrecisionRecall(_counts[index, index], found, expected);
    }

    long NumCorrect
    {
        get
        {
            long correct = 0;
            for (var c = 0; c < NumClasses; c++) correct += _counts[c, c];
            return correct;
        }
    }
}
