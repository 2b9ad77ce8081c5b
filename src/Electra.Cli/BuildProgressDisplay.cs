using System.Diagnostics;
using Electra.Corpus;
using Spectre.Console;

namespace Electra.Cli;

/// <summary>Shows on standard error how far the building of a dataset is: a bar on a terminal, a line now and then elsewhere.</summary>
static class BuildProgressDisplay
{
    const double SecondsBetweenLines = 10;

    /// <summary>Runs the work and shows its progress.</summary>
    public static T Show<T>(Func<IProgress<BuildProgress>, T> work)
    {
        if (Console.IsErrorRedirected) return work(new Lines());
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return console.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(context => work(new Bar(context.AddTask("tokenising"))));
    }

    static string Describe(in BuildProgress progress, TimeSpan elapsed) =>
        $"{progress.Documents:N0} documents, {progress.Tokens:N0} tokens, {progress.Tokens / elapsed.TotalSeconds / 1e6:F1} M tokens/s";

    sealed class Bar(ProgressTask task) : IProgress<BuildProgress>
    {
        readonly long _start = Stopwatch.GetTimestamp();

        public void Report(BuildProgress value)
        {
            task.MaxValue = Math.Max(1, value.TotalInputBytes);
            task.Value = value.InputBytes;
            task.Description = Describe(value, Stopwatch.GetElapsedTime(_start));
        }
    }

    sealed class Lines : IProgress<BuildProgress>
    {
        readonly long _start = Stopwatch.GetTimestamp();
        double _next = SecondsBetweenLines;

        public void Report(BuildProgress value)
        {
            var elapsed = Stopwatch.GetElapsedTime(_start);
            if (elapsed.TotalSeconds < _next) return;
            _next = elapsed.TotalSeconds + SecondsBetweenLines;
            Console.Error.WriteLine($"{100.0 * value.InputBytes / Math.Max(1, value.TotalInputBytes):F0} % read, {Describe(value, elapsed)}");
        }
    }
}
