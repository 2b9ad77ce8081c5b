using System.Runtime.ExceptionServices;

namespace Electra.Numerics.Kernels;

/// <summary>
/// A fixed number of threads that do one piece of work together and wait for each other. The caller's thread is worker 0;
/// the others sleep between calls, but not at once.
/// </summary>
public sealed class WorkerTeam : IDisposable
{
    /// <summary>Waking a thread costs a small step more than its work does, above all in a virtual machine: this long, 0.1 to 0.2 ms, it looks whether there is some.</summary>
    const int Looks = 200, PauseBetweenLooks = 20;

    readonly Thread[] _threads;
    readonly SemaphoreSlim[] _starts;
    // One permit a round, given when the last of the others is done: no signal of a round can be taken for one of the next.
    readonly SemaphoreSlim _finished = new(0);
    readonly Exception?[] _failures;
    Action<int>? _work;
    int _numWorking;

    /// <param name="workers">Number of workers, the caller's thread included.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one worker.</exception>
    public WorkerTeam(int workers)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(workers, 1);
        NumWorkers = workers;
        _failures = new Exception?[workers];
        _starts = [.. Enumerable.Range(1, workers - 1).Select(_ => new SemaphoreSlim(0))];
        _threads = [.. Enumerable.Range(1, workers - 1).Select(Start)];
    }

    /// <summary>Number of workers, the caller's thread included.</summary>
    public int NumWorkers { get; }

    /// <summary>Calls <paramref name="work"/> once per worker, with the worker's number, and returns when all are done.</summary>
    public void Run(Action<int> work)
    {
        _work = work;
        Array.Clear(_failures);
        _numWorking = _threads.Length;
        foreach (var start in _starts) start.Release();
        RunAs(0);
        if (_threads.Length > 0)
        {
            for (var look = 0; look < Looks && _finished.CurrentCount == 0; look++) Thread.SpinWait(PauseBetweenLooks);
            _finished.Wait();
        }
        _work = null;
        if (_failures.FirstOrDefault(failure => failure is not null) is { } failure) ExceptionDispatchInfo.Throw(failure);
    }

    /// <summary>Ends the threads.</summary>
    public void Dispose()
    {
        _work = null;
        foreach (var start in _starts) start.Release();
        foreach (var thread in _threads) thread.Join();
        foreach (var start in _starts) start.Dispose();
        _finished.Dispose();
    }

    Thread Start(int worker)
    {
        var thread = new Thread(() => Loop(worker)) { IsBackground = true, Name = $"electra worker {worker}" };
        thread.Start();
        return thread;
    }

    void Loop(int worker)
    {
        var start = _starts[worker - 1];
        while (true)
        {
            for (var look = 0; look < Looks && start.CurrentCount == 0; look++) Thread.SpinWait(PauseBetweenLooks);
            start.Wait();
            if (_work is null) return;
            RunAs(worker);
            if (Interlocked.Decrement(ref _numWorking) == 0) _finished.Release();
        }
    }

    void RunAs(int worker)
    {
        try
        {
            _work!(worker);
        }
        catch (Exception failure)
        {
            _failures[worker] = failure;
        }
    }
}
