using System.Runtime.InteropServices;

namespace Electra.Numerics;

/// <summary>Memory in pages of 2 MB, where the Linux kernel grants them.</summary>
static unsafe partial class HugePages
{
    /// <summary>Bytes of a huge page.</summary>
    public static readonly nuint Size = 2 << 20;

    const int ReadAndWrite = 3, PrivateAnonymous = 0x22, AdviseHugePage = 14;

    /// <summary>New memory, zero.</summary>
    /// <exception cref="InsufficientMemoryException">There is not as much.</exception>
    public static void* Map(nuint bytes)
    {
        var memory = MapMemory(null, bytes, ReadAndWrite, PrivateAnonymous, -1, 0);
        return memory == (void*)-1 ? throw new InsufficientMemoryException($"{bytes >> 20:N0} MB of memory were refused. Lower batch.micro_batch, or close other programs.") : memory;
    }

    /// <summary>Gives back what <see cref="Map"/> gave.</summary>
    public static void Unmap(void* memory, nuint bytes) => _ = UnmapMemory(memory, bytes);

    /// <summary>The first address at or behind another where a huge page may begin.</summary>
    public static void* Align(void* memory) => (void*)(((nuint)memory + Size - 1) / Size * Size);

    /// <summary>Asks for huge pages for memory that has not been touched. The advice may be refused; the memory works all the same.</summary>
    public static void Advise(void* memory, nuint bytes)
    {
        var start = (byte*)Align(memory);
        var end = (byte*)memory + bytes;
        if (OperatingSystem.IsLinux() && end > start) _ = AdviseMemory(start, (nuint)(end - start), AdviseHugePage);
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial void* MapMemory(void* address, nuint bytes, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int UnmapMemory(void* address, nuint bytes);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int AdviseMemory(void* address, nuint bytes, int advice);
}
