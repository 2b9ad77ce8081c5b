using System.Runtime.InteropServices;

namespace Electra.Numerics.Kernels;

/// <summary>
/// Memory of float32 numbers outside the garbage collector's reach, zero at first. Large buffers begin at a 2 MB boundary and ask
/// the kernel for huge pages: a step that walks hundreds of megabytes otherwise spends its time in page faults and TLB misses.
/// </summary>
public sealed unsafe partial class NativeBuffer : IDisposable
{
    const nuint CacheLine = 64, HugePage = 2 << 20;
    const int AdviseHugePage = 14;

    /// <param name="length">Number of float32 elements; 0 is allowed.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative.</exception>
    public NativeBuffer(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        Length = length;
        var bytes = (nuint)Math.Max(length, 1) * sizeof(float);
        var alignment = bytes < HugePage ? CacheLine : HugePage;
        bytes = (bytes + alignment - 1) / alignment * alignment;
        Start = (float*)NativeMemory.AlignedAlloc(bytes, alignment);
        if (alignment == HugePage && OperatingSystem.IsLinux()) _ = AdviseMemory(Start, bytes, AdviseHugePage);
        NativeMemory.Clear(Start, bytes);
    }

    /// <summary>Memory of another element, zero at first.</summary>
    /// <param name="length">Number of elements.</param>
    internal static NativeBuffer Of<T>(long length) where T : unmanaged => new((length * sizeof(T) + sizeof(float) - 1) / sizeof(float));

    /// <summary>The first element.</summary>
    public float* Start { get; private set; }

    /// <summary>Number of elements.</summary>
    public long Length { get; }

    /// <summary>The elements, for buffers of fewer than 2^31.</summary>
    public Span<float> Span => new(Start, checked((int)Length));

    /// <summary>Sets every element to zero.</summary>
    public void Clear() => NativeMemory.Clear(Start, (nuint)Length * sizeof(float));

    /// <summary>Frees the memory; the pointer must not be used again.</summary>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the memory of a buffer that nobody disposed.</summary>
    ~NativeBuffer() => Free();

    void Free()
    {
        NativeMemory.AlignedFree(Start);
        Start = null;
    }

    // The advice may be refused; the memory works all the same.
    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int AdviseMemory(void* address, nuint length, int advice);
}
