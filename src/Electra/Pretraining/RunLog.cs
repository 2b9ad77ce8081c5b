using System.Diagnostics;
using Electra.Objectives;
using Electra.Reporting;

namespace Electra.Pretraining;

/// <summary>Writes a run's figures to <c>metrics.jsonl</c>, to TensorBoard and to the report.</summary>
sealed class RunLog : IDisposable
{
    /// <summary>The report is drawn anew at most this often.</summary>
    static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(20);

    readonly RunDirectory _run;
    readonly RunManifest _manifest;
    readonly MetricsLog _metrics;
    readonly TensorBoardEvents _events;
    long _lastReport;
    (long Tokens, double Flops, double Seconds) _last;

    /// <param name="state">Where the run begins or goes on.</param>
    public RunLog(RunDirectory run, RunManifest manifest, RunState state)
    {
        (_run, _manifest) = (run, manifest);
        _metrics = MetricsLog.Open(run.MetricsPath);
        _events = TensorBoardEvents.Create(run.EventsPath, TimeProvider.System, state.Step > 0 ? state.Step : null);
        _last = (state.TokensSeen, state.Flops, state.ElapsedSeconds);
    }

    /// <summary>Logs the figures of the step just done; rates are over the time since the last line.</summary>
    public IReadOnlyDictionary<string, double> WriteStep(RunState state, ObjectiveSums sums, double gradientNorm, double learningRate)
    {
        var values = sums.ToMetrics();
        values["gradient_norm"] = gradientNorm;
        values["learning_rate"] = learningRate;
        var seconds = state.ElapsedSeconds - _last.Seconds;
        values["tokens_per_second"] = (state.TokensSeen - _last.Tokens) / seconds;
        values["utilisation"] = (state.Flops - _last.Flops) / seconds / (_manifest.GemmGflops * 1e9);
        _last = (state.TokensSeen, state.Flops, state.ElapsedSeconds);
        return Write(new MetricsEntry(state.Step, MetricsEntry.Train, WithProgress(values, state)));
    }

    /// <summary>Logs the figures on held-out text.</summary>
    public IReadOnlyDictionary<string, double> WriteEvaluation(RunState state, ObjectiveSums sums) =>
        Write(new MetricsEntry(state.Step, MetricsEntry.Evaluation, WithProgress(sums.ToMetrics(), state)));

    /// <summary>Forces the log to disk and draws the report.</summary>
    public void Flush()
    {
        _metrics.Flush();
        _events.Flush();
        RunReport.Write(_run.Path);
    }

    public void Dispose()
    {
        _metrics.Dispose();
        _events.Dispose();
    }

    IReadOnlyDictionary<string, double> Write(MetricsEntry entry)
    {
        _metrics.Append(entry);
        _events.Write(entry);
        if (_lastReport == 0 || Stopwatch.GetElapsedTime(_lastReport) > ReportInterval)
        {
            RunReport.Write(_run.Path);
            _lastReport = Stopwatch.GetTimestamp();
        }
        return entry.Values;
    }

    static Dictionary<string, double> WithProgress(Dictionary<string, double> values, RunState state)
    {
        values["tokens_seen"] = state.TokensSeen;
        values["flops"] = state.Flops;
        values["skipped_steps"] = state.NumSkipped;
        values["elapsed_seconds"] = state.ElapsedSeconds;
        return values;
    }
}
