using System.Diagnostics;
using Electra.Pretraining;

namespace Electra.Cli;

/// <summary>Shows a run on standard error: one line that is drawn over on a terminal, a plain line for each logged step elsewhere.</summary>
sealed class PretrainingDisplay : IProgress<PretrainingProgress>
{
    const int BarWidth = 24;
    static readonly TimeSpan RedrawInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>What is shown of the figures beside losses, where a run has them.</summary>
    static readonly (string Metric, string Name, string Format)[] Figures =
    [
        ("discriminator_auc", "AUC", "F3"), ("generator_accuracy", "generator accuracy", "P1"), ("mlm_accuracy", "MLM accuracy", "P1"), ("nsp_accuracy", "NSP accuracy", "P1"),
    ];

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
            if (value.IsEvaluation) WriteLine($"step {value.Step,7:N0}  held out: {Losses(metrics)}, {Shares(metrics)}");
            else
            {
                _figures = $"{metrics["tokens_per_second"]:N0} tokens/s, loss {metrics["loss"]:F2}";
                if (!_isTerminal) WriteLine($"step {value.Step,7:N0}  {Losses(metrics)}, {Shares(metrics)}, {metrics["tokens_per_second"]:N0} tokens/s, {TimeLeft(value)} left");
            }
        }
        if (!_isTerminal || (value.Step < value.TotalSteps && _lastDraw != 0 && Stopwatch.GetElapsedTime(_lastDraw) < RedrawInterval)) return;
        _lastDraw = Stopwatch.GetTimestamp();
        var filled = (int)(BarWidth * value.Step / value.TotalSteps);
        var line = $"{value.Step:N0}/{value.TotalSteps:N0} {new string('━', filled)}{new string('─', BarWidth - filled)} {_figures}, {TimeLeft(value)} left";
        // A line that wraps would not be drawn over but piled up.
        var width = Console.WindowWidth;
        Console.Error.Write($"\r\e[2K{(width > 1 && line.Length >= width ? line[..(width - 1)] : line)}");
    }

    /// <summary>Ends the drawn line.</summary>
    public void Finish()
    {
        if (_isTerminal && _lastDraw != 0) Console.Error.WriteLine();
    }

    void WriteLine(string text) => Console.Error.WriteLine(_isTerminal ? $"\r\e[2K{text}" : text);

    static string Losses(IReadOnlyDictionary<string, double> metrics) =>
        $"loss {metrics["loss"]:F3} ({string.Join(", ", metrics.Where(metric => metric.Key.EndsWith("_loss", StringComparison.Ordinal)).Select(metric => $"{metric.Key[..^"_loss".Length]} {metric.Value:F4}"))})";

    static string Shares(IReadOnlyDictionary<string, double> metrics) => string.Join(", ",
        Figures.Where(figure => metrics.ContainsKey(figure.Metric)).Select(figure => $"{figure.Name} {metrics[figure.Metric].ToString(figure.Format)}"));

    string TimeLeft(PretrainingProgress value)
    {
        var done = value.Step - _firstStep;
        if (done <= 0) return "?";
        var left = Stopwatch.GetElapsedTime(_started) / done * (value.TotalSteps - value.Step);
        return left.TotalHours >= 1 ? $"{(int)left.TotalHours}:{left:mm\\:ss}" : $"{left:m\\:ss}";
    }
}
