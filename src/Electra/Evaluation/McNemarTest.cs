namespace Electra.Evaluation;

/// <summary>
/// Whether two classifiers differ on the same examples, judged by those that only one of them gets right (McNemar 1947):
/// under the null hypothesis each such example is a fair coin. Exact binomial, no approximation by chi-square.
/// </summary>
/// <param name="OnlyFirstCorrect">Examples that only the first gets right.</param>
/// <param name="OnlySecondCorrect">Examples that only the second gets right.</param>
public sealed record McNemarTest(long OnlyFirstCorrect, long OnlySecondCorrect)
{
    /// <summary>Counts parallel outcomes.</summary>
    /// <exception cref="ArgumentException">The lists differ in length.</exception>
    public static McNemarTest Of(ReadOnlySpan<bool> isFirstCorrect, ReadOnlySpan<bool> isSecondCorrect)
    {
        if (isFirstCorrect.Length != isSecondCorrect.Length)
            throw new ArgumentException($"{isFirstCorrect.Length:N0} outcomes cannot be paired with {isSecondCorrect.Length:N0}.");
        long onlyFirst = 0, onlySecond = 0;
        for (var i = 0; i < isFirstCorrect.Length; i++)
        {
            if (isFirstCorrect[i] && !isSecondCorrect[i]) onlyFirst++;
            if (!isFirstCorrect[i] && isSecondCorrect[i]) onlySecond++;
        }
        return new McNemarTest(onlyFirst, onlySecond);
    }

    /// <summary>Two-sided exact p-value: never too small, somewhat too large for few discordant examples.</summary>
    public double ExactPValue => Math.Min(1, 2 * ProbabilityUpToFewer().Sum);

    /// <summary>Two-sided mid-p-value: counts the observed outcome half; nearer to its nominal level (Fagerland et al. 2013).</summary>
    public double MidPValue
    {
        get
        {
            var (sum, point) = ProbabilityUpToFewer();
            return OnlyFirstCorrect == OnlySecondCorrect ? 1 - point / 2 : 2 * sum - point;
        }
    }

    /// <summary>P(X up to k) and P(X = k) for X binomial over n fair coins, k the smaller and n the sum of both counts.</summary>
    (double Sum, double Point) ProbabilityUpToFewer()
    {
        long k = Math.Min(OnlyFirstCorrect, OnlySecondCorrect), n = OnlyFirstCorrect + OnlySecondCorrect;
        double logPoint = -n * Math.Log(2); // in logarithms: 2^-n underflows from n = 1,075 on
        for (long i = 1; i <= k; i++) logPoint += Math.Log((double)(n - i + 1) / i);

        double point = Math.Exp(logPoint), sum = 0, term = point;
        for (var i = k; i >= 0 && term > 0; i--)
        {
            sum += term;
            term *= (double)i / (n - i + 1);
        }
        return (sum, point);
    }
}
