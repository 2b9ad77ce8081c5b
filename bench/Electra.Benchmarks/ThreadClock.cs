using System.Runtime.InteropServices;

namespace Electra.Benchmarks;

/// <summary>
/// Processor time of the calling thread in seconds. On a machine that others use too it says what a kernel costs, where the
/// clock on the wall says how long it had to wait.
/// </summary>
static unsafe partial class ThreadClock
{
    const int ThreadCpuTime = 3;

    public static double Seconds
    {
        get
        {
            var time = stackalloc long[2];
            _ = GetTime(ThreadCpuTime, time);
            return time[0] + time[1] * 1e-9;
        }
    }

    /// <summary>Lower quartile of the processor time of one call, after two calls to warm up: other programs share the caches.</summary>
    /// <param name="action">What is timed.</param>
    /// <param name="prepare">What each call needs before it and does not count, such as restoring what the last one overwrote.</param>
    /// <param name="repeats">Timed calls.</param>
    public static double Quartile(Action action, Action? prepare = null, int repeats = 25)
    {
        for (var warm = 0; warm < 2; warm++)
        {
            prepare?.Invoke();
            action();
        }
        var times = new double[repeats];
        for (var i = 0; i < repeats; i++)
        {
            prepare?.Invoke();
            var start = Seconds;
            action();
            times[i] = Seconds - start;
        }
        Array.Sort(times);
        return times[repeats / 4];
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, long* time);
}
