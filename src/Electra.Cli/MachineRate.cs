using System.CommandLine;
using Electra.Numerics;

namespace Electra.Cli;

/// <summary>What a benchmark's operations are divided by: the rate at which the machine multiplies at best (docs/performance.md), whatever the work's own precision.</summary>
sealed class MachineRate
{
    readonly bool _isGiven;

    /// <param name="given">GFLOP/s that are known already, or null to measure them.</param>
    /// <exception cref="ArgumentException">The given rate is not positive.</exception>
    public MachineRate(double? given)
    {
        if (given is { } rate && !(rate >= double.Epsilon && double.IsNormal(rate))) throw new ArgumentException($"--gemm-rate is {rate}, it must be positive.");
        (_isGiven, Gflops) = (given is not null, given ?? 0);
    }

    /// <summary>The given rate, or the largest one measured.</summary>
    public double Gflops { get; private set; }

    /// <summary>The option of every benchmark that prints a utilisation.</summary>
    public static Option<double?> Option() =>
        new("--gemm-rate") { Description = "GFLOP/s that the machine multiplies, where they are known; else measured before and after, and the larger counts." };

    /// <summary>Measures, before the work and after it, unless the rate was given.</summary>
    public void Measure()
    {
        if (!_isGiven) Gflops = Math.Max(Gflops, GemmRate.Measure(Hardware.TrainingPrecision));
    }
}
