using System.Runtime.Intrinsics.X86;

namespace Electra.Numerics.Kernels;

/// <summary>Fetches parts of matrices into the second-level cache while something else is computed: rows far apart escape the processor's own prefetcher.</summary>
static unsafe class Prefetch
{
    const int CacheLine = 64;

    /// <param name="start">The first element; null fetches nothing.</param>
    /// <param name="stride">Elements between rows.</param>
    public static void Rows<T>(T* start, nint stride, int rows, int columns) where T : unmanaged
    {
        if (!Sse.IsSupported || start == null) return;
        var bytes = columns * sizeof(T);
        for (var i = 0; i < rows; i++)
        {
            var row = (byte*)(start + i * stride);
            for (var offset = 0; offset < bytes; offset += CacheLine) Sse.Prefetch1(row + offset);
        }
    }
}
