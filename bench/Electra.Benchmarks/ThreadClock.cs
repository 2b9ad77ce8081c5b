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
    public static double Quartile(Action action, int repeats = 25)
    {
        action();
        action();
        var times = new double[repeats];
        for (var i = 0; i < repeats; i++)
        {
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
