using Electra.Randomness;

namespace Electra.Evaluation;

/// <summary>
/// How sure the difference of two systems on the same test set is, for any metric (Efron and Tibshirani 1993; Koehn 2004): the test set
/// is drawn again with replacement many times, and both systems are scored on the same draw.
/// </summary>
/// <param name="First">Score of the first system on the whole test set.</param>
/// <param name="Second">Score of the second system.</param>
/// <param name="Lower">2.5 % quantile of second minus first over the draws.</param>
/// <param name="Upper">97.5 % quantile of second minus first.</param>
/// <param name="PValue">Two-sided: share of draws whose difference lies as far from the observed one as that lies from 0, the observed one
/// counted in.</param>
/// <param name="NumResamples">Number of draws whose difference is defined.</param>
public sealed record PairedBootstrap(double First, double Second, double Lower, double Upper, double PValue, int NumResamples)
{
    /// <summary>Default number of draws: the p-value is then good to about 0.002 near 0.05.</summary>
    public const int DefaultResamples = 10_000;

    /// <summary>Second minus first on the whole test set.</summary>
    public double Difference => Second - First;

    /// <summary>Compares scores that are means over examples, such as accuracy or SQuAD's exact match and F1.</summary>
    /// <param name="first">The first system's score on each example.</param>
    /// <param name="second">The second system's score on the same examples.</param>
    /// <exception cref="ArgumentException">The lists differ in length or are empty.</exception>
    public static PairedBootstrap CompareMeans(double[] first, double[] second, ulong seed = 0, int numResamples = DefaultResamples)
    {
        if (first.Length != second.Length)
            throw new ArgumentException($"{first.Length:N0} scores cannot be paired with {second.Length:N0}.");
        return Compare(first.Length, rows => (MeanOf(first, rows), MeanOf(second, rows)), seed, numResamples);
    }

    /// <summary>Compares any metric of a whole test set, such as Matthews' correlation or entity F1.</summary>
    /// <param name="count">Number of examples.</param>
    /// <param name="score">Both systems' scores on the examples at the given indices, which repeat; called from many threads.</param>
    /// <param name="seed">Equal seeds give equal results, on any number of threads.</param>
    /// <param name="numResamples">Number of draws. A draw on which a score is undefined (NaN) is left out.</param>
    public static PairedBootstrap Compare(
        int count, Func<int[], (double First, double Second)> score, ulong seed = 0, int numResamples = DefaultResamples)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(numResamples);
        var (first, second) = score([.. Enumerable.Range(0, count)]);
        var observed = second - first;

        var drawn = new double[numResamples];
        Parallel.For(0, numResamples, () => new int[count], (resample, _, rows) =>
        {
            var random = new CounterRandom(seed, RandomPurpose.Resampling, (ulong)resample);
            for (var i = 0; i < rows.Length; i++) rows[i] = random.NextInt32(count);
            var (drawnFirst, drawnSecond) = score(rows);
            drawn[resample] = drawnSecond - drawnFirst;
            return rows;
        }, _ => { });

        var differences = drawn.Where(difference => !double.IsNaN(difference)).ToArray();
        // Rounding must not tell apart what is equal in exact arithmetic: with equal systems every draw is as extreme as the observed one.
        var distance = Math.Abs(observed) * (1 - 1e-12);
        var asExtreme = differences.Count(difference => Math.Abs(difference - observed) >= distance);
        return new PairedBootstrap(first, second, Statistics.Quantile(differences, 0.025), Statistics.Quantile(differences, 0.975),
            (1.0 + asExtreme) / (1 + differences.Length), differences.Length);
    }

    static double MeanOf(double[] scores, int[] rows)
    {
        double sum = 0;
        foreach (var row in rows) sum += scores[row];
        return sum / rows.Length;
    }
}
