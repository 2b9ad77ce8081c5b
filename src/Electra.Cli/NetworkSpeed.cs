using System.Diagnostics;
using System.Text.Json.Serialization;

namespace Electra.Cli;

/// <summary>What every benchmark of a network prints: its rates, medians of several timings with lowest and highest, beside what the machine multiplies.</summary>
/// <param name="TokensPerSecond">Real tokens, padding not counted.</param>
/// <param name="GemmGflops">What the machine multiplies (docs/performance.md), measured before and after, the larger counted.</param>
/// <param name="Utilisation">Operations a second, of <paramref name="GemmGflops"/>.</param>
/// <param name="Machine">What computed, and how.</param>
/// <param name="ResidentBytes">Most memory of the process so far.</param>
record NetworkSpeed(
    double TokensPerSecond, double Lowest, double Highest, double GemmGflops, double Utilisation, double LowestUtilisation, double HighestUtilisation,
    string Machine, long ResidentBytes)
{
    /// <summary>Of at least one timing.</summary>
    public static NetworkSpeed Of(IReadOnlyList<Timing> timings, double gemmGflops, string machine)
    {
        var tokens = Spread.Of(timings.Select(timing => timing.Tokens / timing.Seconds));
        var utilisation = Spread.Of(timings.Select(timing => timing.Flops / timing.Seconds / (gemmGflops * 1e9)));
        return new NetworkSpeed(
            tokens.Median, tokens.Lowest, tokens.Highest, gemmGflops, utilisation.Median, utilisation.Lowest, utilisation.Highest,
            machine, Process.GetCurrentProcess().PeakWorkingSet64);
    }

    /// <summary>The rate, as a person reads it.</summary>
    /// <param name="of">What the median is of, such as "7 steps".</param>
    protected string Rate(string of) => $"{TokensPerSecond:N0} tokens/s ({Lowest:N0} to {Highest:N0}, median of {of})";

    /// <summary>The rest, as a person reads it.</summary>
    [JsonIgnore]
    protected string UtilisationAndMemory => $"""
        utilisation {Utilisation:F3} ({LowestUtilisation:F3} to {HighestUtilisation:F3}) of {GemmGflops:N0} GFLOP/s; {Machine}
        resident {ResidentBytes / 1e6:N0} MB at most
        """;
}

/// <summary>One step or run that was timed.</summary>
readonly record struct Timing(double Tokens, double Flops, double Seconds);
