using Electra.Evaluation;

namespace Electra.Cli;

/// <summary>What several timings of the same work have in common: what every benchmark prints.</summary>
/// <param name="Median">The middle one, or the mean of the two in the middle.</param>
/// <param name="Lowest">The smallest.</param>
/// <param name="Highest">The largest.</param>
readonly record struct Spread(double Median, double Lowest, double Highest)
{
    /// <summary>Of at least one value.</summary>
    public static Spread Of(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return new Spread(Statistics.Median(sorted), sorted[0], sorted[^1]);
    }
}
