namespace Electra.Evaluation;

/// <summary>
/// How well what was found covers what is there. A ratio whose denominator is 0 is 0, as conlleval and scikit-learn count.
/// </summary>
/// <param name="Correct">Found and there (true positives).</param>
/// <param name="Found">Predicted, right or wrong.</param>
/// <param name="Expected">There, found or not.</param>
public readonly record struct PrecisionRecall(long Correct, long Found, long Expected)
{
    /// <summary>Share of what was found that is right.</summary>
    public double Precision => Ratio(Correct, Found);

    /// <summary>Share of what is there that was found.</summary>
    public double Recall => Ratio(Correct, Expected);

    /// <summary>Harmonic mean of precision and recall, taken as 2 correct / (found + expected).</summary>
    public double F1 => Ratio(2 * Correct, Found + Expected);

    /// <summary>Counts of both together, for micro averages.</summary>
    public static PrecisionRecall operator +(PrecisionRecall left, PrecisionRecall right) => Add(left, right);

    /// <summary>Counts of both together, for micro averages.</summary>
    public static PrecisionRecall Add(PrecisionRecall left, PrecisionRecall right) =>
        new(left.Correct + right.Correct, left.Found + right.Found, left.Expected + right.Expected);

    static double Ratio(long part, long whole) => whole == 0 ? 0 : (double)part / whole;
}
