using System.Runtime.InteropServices;

namespace Electra.Cli;

/// <summary>Turns SIGINT, SIGTERM and SIGHUP into a request to stop; a second signal ends the process at once.</summary>
sealed class Interruption : IDisposable
{
    const int ExitCodeBase = 128;

    readonly CancellationTokenSource _source = new();
    readonly List<PosixSignalRegistration> _registrations = [];
    int _signalNumber;

    /// <param name="announcement">What is said at the first signal.</param>
    public Interruption(string announcement = "stopping after saving the last whole step; a second signal stops at once")
    {
        (PosixSignal Signal, int Number)[] signals = [(PosixSignal.SIGINT, 2), (PosixSignal.SIGTERM, 15), (PosixSignal.SIGHUP, 1)];
        foreach (var (signal, number) in signals)
            _registrations.Add(PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true;
                if (Interlocked.CompareExchange(ref _signalNumber, number, 0) != 0) Environment.Exit(ExitCodeBase + number);
                // A terminal shows a bar, whose line goes on.
                Console.Error.WriteLine($"{(Console.IsErrorRedirected ? "" : "\n")}electra: {announcement}");
                _source.Cancel();
            }));
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>128 + the signal's number.</summary>
    public int ExitCode => ExitCodeBase + _signalNumber;

    public void Dispose()
    {
        foreach (var registration in _registrations) registration.Dispose();
        _source.Dispose();
    }
}
