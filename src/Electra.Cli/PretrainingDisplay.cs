using System.Diagnostics;
using Electra.Pretraining;

namespace Electra.Cli;

/// <summary>Shows a run on standard error: one line that is drawn over on a terminal, a plain line for each logged step elsewhere.</summary>
sealed class PretrainingDisplay : IProgress<PretrainingProgress>
{
    const int BarWidth = 24;
    static readonly TimeSpan RedrawInterval = TimeSpan.FromMilliseconds(100);

    readonly bool _isTerminal = !Console.IsErrorRedirected;
    readonly long _started = Stopwatch.GetTimestamp();
    long _lastDraw, _firstStep = -1;
    string _figures = "";

    public void Report(PretrainingProgress value)
    {
        if (value.Message is { } message)
        {
            WriteLine($"electra: {message}");
            return;
        }
        if (_firstStep < 0) _firstStep = value.Step;
        if (value.Metrics is { } metrics)
        {
            if (value.IsEvaluation) WriteLine($"step {value.Step,7:N0}  held out: {Losses(metrics)}, AUC {metrics["discriminator_auc"]:F3}, generator accuracy {metrics["generator_accuracy"]:P1}");
            else
            {
                _figures = $"{metrics["tokens_per_second"]:N0} tokens/s, loss {metrics["loss"]:F2}";
                if (!_isTerminal) WriteLine($"step {value.Step,7:N0}  {Losses(metrics)}, AUC {metrics["discriminator_auc"]:F3}, {metrics["tokens_per_second"]:N0} tokens/s, {TimeLeft(value)} left");
            }
        }
        if (!_isTerminal || (value.Step < value.TotalSteps && _lastDraw != 0 && Stopwatch.GetElapsedTime(_lastDraw) < RedrawInterval)) return;
        _lastDraw = Stopwatch.GetTimestamp();
        var filled = (int)(BarWidth * value.Step / value.TotalSteps);
        Console.Error.Write($"\r\e[2K{value.Step:N0}/{value.TotalSteps:N0} {new string('━', filled)}{new string('─', BarWidth - filled)} {_figures}, {TimeLeft(value)} left");
    }

    /// <summary>Ends the drawn line.</summary>
    public void Finish()
    {
        if (_isTerminal && _lastDraw != 0) Console.Error.WriteLine();
    }

    void WriteLine(string text) => Console.Error.WriteLine(_isTerminal ? $"\r\e[2K{text}" : text);

    static string Losses(IReadOnlyDictionary<string, double> metrics) =>
        $"loss {metrics["loss"]:F3} (generator {metrics["generator_loss"]:F3}, discriminator {metrics["discriminator_loss"]:F4})";

    string TimeLeft(PretrainingProgress value)
    {
        var done = value.Step - _firstStep;
        if (done <= 0) return "?";
        var left = Stopwatch.GetElapsedTime(_started) / done * (value.TotalSteps - value.Step);
        return left.TotalHours >= 1 ? $"{(int)left.TotalHours}:{left:mm\\:ss}" : $"{left:m\\:ss}";
    }
}
