using Electra.Pretraining;

namespace Electra.FineTuning;

/// <summary>All runs of a recipe one after the other: those that are finished are skipped, one that was stopped goes on.</summary>
public static class FineTuningSweep
{
    /// <summary>Runs what is left to run.</summary>
    /// <param name="run">The directory.</param>
    /// <param name="sets">The task's data, encoded.</param>
    /// <param name="model">What every run begins from.</param>
    /// <param name="progress">Told of steps and warnings.</param>
    /// <param name="finished">Told of each run's result, those of an earlier call included.</param>
    /// <param name="cancellation">Stops after saving the last whole step.</param>
    /// <returns>The summary, or null if cancelled.</returns>
    /// <exception cref="InvalidDataException">Model, data and recipe do not fit each other, or the data is not that of the run.</exception>
    /// <exception cref="ArithmeticException">A run that is the only one met numbers that are not finite, ten steps in a row.</exception>
    public static FineTuningSummary? Run(
        FineTuningRun run, TaskSets sets, InitialEncoder model, IProgress<FineTuningProgress> progress, Action<FineTuningResult> finished, CancellationToken cancellation)
    {
        run.Manifest.RefuseOther(sets, run.Path);
        var results = new List<FineTuningResult>();
        var warning = RunEnvironment.WarningOf(run.Recipe.Precision);
        foreach (var unit in run.Units)
        {
            var path = run.PathOf(unit);
            var result = FineTuningRun.ReadResult(path);
            if (result is null)
            {
                if (warning is not null) progress.Report(new FineTuningProgress(0, unit.Recipe.Run.Steps, Message: warning));
                warning = null; // once for all runs
                using var tuner = new FineTuner(unit, sets, model, run.Manifest, path, progress);
                try
                {
                    result = tuner.Run(cancellation);
                }
                // One rate or seed too bold says nothing against the others.
                catch (ArithmeticException exception) when (run.Units.Count > 1)
                {
                    result = tuner.Fail(exception.Message);
                }
                if (result is null) return null;
            }
            results.Add(result);
            finished(result);
        }
        var summary = FineTuningSummary.Of(results, run.Recipe.Run.KeepsBest);
        run.WriteSummary(summary);
        return summary;
    }
}
