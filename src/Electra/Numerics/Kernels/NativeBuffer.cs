using System.Runtime.InteropServices;

namespace Electra.Numerics.Kernels;

/// <summary>
/// Memory of float32 numbers outside the garbage collector's reach, zero at first. Large buffers are mappings of their own in huge pages:
/// a step that walks hundreds of megabytes otherwise spends its time in TLB misses, and the allocator would hand out small pages
/// that have been used before.
/// </summary>
public sealed unsafe class NativeBuffer : IDisposable
{
    const nuint CacheLine = 64;

    readonly nuint _mapped;
    void* _memory;

    /// <param name="length">Number of float32 elements; 0 is allowed.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative.</exception>
    /// <exception cref="OutOfMemoryException">There is not as much memory.</exception>
    public NativeBuffer(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        Length = length;
        var bytes = (nuint)Math.Max(length, 1) * sizeof(float);
        if (bytes >= HugePages.Size && OperatingSystem.IsLinux())
        {
            _mapped = bytes + HugePages.Size;
            _memory = HugePages.Map(_mapped);
            Start = (float*)HugePages.Align(_memory);
            HugePages.Advise(Start, bytes);
            return;
        }
        _memory = NativeMemory.AlignedAlloc((bytes + CacheLine - 1) / CacheLine * CacheLine, CacheLine);
        Start = (float*)_memory;
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
        if (_memory == null) return;
        if (_mapped > 0) HugePages.Unmap(_memory, _mapped);
        else NativeMemory.AlignedFree(_memory);
        _memory = null;
        Start = null;
    }
}
