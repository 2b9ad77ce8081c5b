using System.Globalization;
using Electra.FineTuning;

namespace Electra.Cli;

/// <summary>Results of fine-tuning as people read them.</summary>
static class FineTuningText
{
    /// <summary>All figures of an evaluation in a line.</summary>
    public static string Figures(IReadOnlyDictionary<string, double> metrics) => string.Join(", ", metrics.Select(metric => $"{metric.Key} {Number(metric.Value)}"));

    /// <summary>A figure, or that it is undefined.</summary>
    public static string Number(double value) => double.IsFinite(value) ? value.ToString("F4", CultureInfo.InvariantCulture) : "undefined";

    /// <summary>Prints the summary of all runs on standard output.</summary>
    public static void Print(FineTuningSummary summary, FineTuningRun run, bool asJson)
    {
        if (asJson)
        {
            Console.WriteLine(summary.ToJson());
            return;
        }
        Console.WriteLine($"{summary.Task}, {summary.MainMetric}; the most frequent answer alone has {Number(summary.Majority)}");
        if (summary.Units.Count > 1)
        {
            Console.WriteLine($"{"rate",10}{"batch",7}{"median",10}{"mean",10}{"std",10}  each seed");
            foreach (var setting in summary.Settings)
                Console.WriteLine($"{FineTuningUnit.TextOf(setting.LearningRate).ToUpperInvariant(),10}{setting.BatchSize,7}{Number(setting.Median),10}{Number(setting.Mean),10}{Number(setting.StandardDeviation),10}  {Seeds(setting)}");
        }
        foreach (var failed in summary.Units.Where(unit => unit.Failure is not null)) Console.WriteLine($"{failed.Unit} FAILED: {failed.Failure}");
        if (summary.Units.FirstOrDefault(unit => unit.Unit == summary.BestUnit) is not { } best) return;
        if (summary is { IsMedian: true, Units.Count: > 1 } && double.IsFinite(best.Value))
            Console.WriteLine($"{best.Unit} stands for all: it has the median, for run.keeps_best is false and the dev set chooses nothing");
        foreach (var (set, metrics) in best.Metrics) Console.WriteLine($"{best.Unit}, {set}: {Figures(metrics)}");
        if (best.HasFailed) Console.WriteLine($"{best.Unit} FAILED: it gives one answer to everything. Another seed (--seeds) or a lower schedule.peak may help.");
        var place = run.PathOf(run.Units.First(unit => unit.Name == best.Unit));
        Console.WriteLine($"{Path.Combine(place, "model")}   the model, for evaluate and predict");
        Console.WriteLine($"{Path.Combine(place, "report.html")}   curves and figures");
    }

    static string Seeds(FineTuningSetting setting) => string.Join("  ", setting.Seeds.Zip(setting.Values,
        (seed, value) => $"{seed}: {Number(value)}{(setting.FailedSeeds.Contains(seed) ? " FAILED" : "")}"));
}
