using System.Diagnostics;
using Electra.FineTuning;

namespace Electra.Cli;

/// <summary>Shows fine-tuning on standard error: one line that is drawn over on a terminal, a plain line for each evaluation elsewhere.</summary>
sealed class FineTuningDisplay : IProgress<FineTuningProgress>
{
    const int BarWidth = 24;
    static readonly TimeSpan RedrawInterval = TimeSpan.FromMilliseconds(100);

    readonly bool _isTerminal = !Console.IsErrorRedirected;
    long _started, _lastDraw, _firstStep;
    string _figures = "";

    public void Report(FineTuningProgress value)
    {
        if (value.Message is { } message)
        {
            Warn(message);
            return;
        }
        if (_started == 0) (_started, _firstStep) = (Stopwatch.GetTimestamp(), value.Step - 1);
        if (value.Metrics is { } metrics)
        {
            if (value.IsEvaluation) WriteLine($"step {value.Step,6:N0}/{value.TotalSteps:N0}  {FineTuningText.Figures(metrics)}");
            else _figures = $"loss {metrics["loss"]:F3}, {metrics["tokens_per_second"]:N0} tokens/s";
        }
        if (!_isTerminal || (value.Step < value.TotalSteps && _lastDraw != 0 && Stopwatch.GetElapsedTime(_lastDraw) < RedrawInterval)) return;
        _lastDraw = Stopwatch.GetTimestamp();
        var filled = (int)(BarWidth * value.Step / value.TotalSteps);
        var left = Stopwatch.GetElapsedTime(_started) / Math.Max(1, value.Step - _firstStep) * (value.TotalSteps - value.Step);
        Console.Error.Write($"\r\e[2K{value.Step:N0}/{value.TotalSteps:N0} {new string('━', filled)}{new string('─', BarWidth - filled)} {_figures}, {left:h\\:mm\\:ss} left");
    }

    /// <summary>Shows a warning or a note.</summary>
    public void Warn(string message) => WriteLine($"electra: {message}");

    /// <summary>Ends a run's line with its result.</summary>
    public void Finish(FineTuningResult result)
    {
        if (result.Failure is { } failure) WriteLine($"{result.Unit}: FAILED: {failure}");
        else WriteLine($"{result.Unit}: {result.MainMetric} {FineTuningText.Number(result.Value)} at step {result.BestStep:N0} of {result.Steps:N0}, {result.TotalSeconds:N0} s{(result.HasFailed ? "; FAILED: one answer to everything" : "")}");
        (_started, _lastDraw, _figures) = (0, 0, "");
    }

    void WriteLine(string text) => Console.Error.WriteLine(_isTerminal ? $"\r\e[2K{text}" : text);
}
