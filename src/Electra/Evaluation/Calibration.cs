namespace Electra.Evaluation;

/// <summary>
/// Whether a classifier is right as often as it says (Guo et al. 2017): predictions in bins of equal width by confidence.
/// </summary>
/// <param name="Bins">Bins from 0 to 1 in order, empty ones included.</param>
public sealed record Calibration(IReadOnlyList<ReliabilityBin> Bins)
{
    /// <summary>Mean distance of confidence and accuracy over the bins, weighted by their counts; NaN without predictions.</summary>
    public double ExpectedCalibrationError
    {
        get
        {
            var total = Bins.Sum(bin => bin.Count);
            return Bins.Where(bin => bin.Count > 0).Sum(bin => bin.Count * Math.Abs(bin.MeanConfidence - bin.Accuracy)) / total;
        }
    }

    /// <summary>
    /// Bins predictions by the probability given to the predicted class; a bin holds its upper edge, the first one 0 too.
    /// </summary>
    /// <param name="confidences">Probability of the predicted class, in [0, 1].</param>
    /// <param name="isCorrect">Whether that class was the label.</param>
    /// <param name="numBins">Number of bins.</param>
    /// <exception cref="ArgumentException">The lists differ in length, or a confidence lies outside [0, 1].</exception>
    public static Calibration Of(ReadOnlySpan<double> confidences, ReadOnlySpan<bool> isCorrect, int numBins = 15)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(numBins);
        if (confidences.Length != isCorrect.Length)
            throw new ArgumentException($"{confidences.Length:N0} confidences, but {isCorrect.Length:N0} outcomes.");

        var counts = new long[numBins];
        var corrects = new long[numBins];
        var sums = new double[numBins];
        for (var i = 0; i < confidences.Length; i++)
        {
            if (!(confidences[i] is >= 0 and <= 1)) throw new ArgumentException($"Confidence {confidences[i]} at {i} is no probability.");
            var bin = Math.Clamp((int)Math.Ceiling(confidences[i] * numBins) - 1, 0, numBins - 1);
            counts[bin]++;
            sums[bin] += confidences[i];
            if (isCorrect[i]) corrects[bin]++;
        }
        return new Calibration([.. Enumerable.Range(0, numBins).Select(bin => new ReliabilityBin(
            (double)bin / numBins, (bin + 1.0) / numBins, counts[bin], sums[bin] / counts[bin], (double)corrects[bin] / counts[bin]))]);
    }
}
