using System.Runtime.Intrinsics;
using System.Text.Json.Serialization;

namespace Electra.Numerics;

/// <summary>What this machine has, and the precision that suits it.</summary>
/// <param name="Processor">Its model name.</param>
/// <param name="Features">Vector and matrix extensions that libtorch's kernels choose by, in the kernel's spelling: avx2, avx512_bf16, amx_bf16.</param>
/// <param name="Processors">Logical processors of the machine.</param>
/// <param name="Threads">Of them, those this process may use: its affinity and the container's limit counted.</param>
/// <param name="MemoryBytes">Of the machine, or the container's limit.</param>
/// <param name="AvailableMemoryBytes">What can be taken now without swapping.</param>
/// <param name="Gpus">NVIDIA GPUs, whether or not the libtorch in use can reach them.</param>
public sealed record Hardware(
    string Processor, IReadOnlyList<string> Features, int Processors, int Threads, long MemoryBytes, long AvailableMemoryBytes, IReadOnlyList<Gpu> Gpus)
{
    /// <summary>What decides between kernels; the forty other flags of a processor decide nothing here.</summary>
    static readonly string[] Telling =
        ["avx2", "fma", "f16c", "avx512f", "avx512bw", "avx512_vnni", "avx512_bf16", "avx512_fp16", "avx_vnni", "amx_tile", "amx_bf16", "amx_int8"];

    static readonly Lazy<Hardware> AtStart = new(Describe);

    /// <summary>
    /// What training takes unless a recipe says otherwise, and what utilisation is measured in: bfloat16 where the GPU in use (sm80 and later) or,
    /// without one, the explicit kernels on the processor (<see cref="BFloat16Product"/>) multiply it; else float32.
    /// </summary>
    public static Precision TrainingPrecision =>
        (ComputeDevice.IsGpu ? AtStart.Value.Gpus is [{ MultipliesBFloat16: true }, ..] : BFloat16Product.IsAvailable) ? Precision.BFloat16 : Precision.Float32;

    /// <summary>
    /// Bits of the widest vectors that .NET uses, and the explicit kernels with it: 512, 256, 128, or 0 for none. Fewer than the processor has where DOTNET_Enable... forbids them.
    /// </summary>
    public static int VectorBits => Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : Vector128.IsHardwareAccelerated ? 128 : 0;

    /// <summary>Whether the processor itself multiplies bfloat16; elsewhere libtorch emulates it, ten times slower than float32.</summary>
    [JsonIgnore]
    public bool ProcessorMultipliesBFloat16 => Features.Contains("avx512_bf16") || Features.Contains("amx_bf16");

    /// <summary>Looks at the machine; memory is that of the moment.</summary>
    public static Hardware Describe()
    {
        var (processor, features, processors) = ReadProcessor(ReadLines("/proc/cpuinfo"));
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        return new Hardware(
            processor ?? "unknown processor", features, Math.Max(processors, Environment.ProcessorCount), Environment.ProcessorCount,
            memory, Math.Min(memory, ReadAvailableMemory(ReadLines("/proc/meminfo")) ?? memory), Gpu.List());
    }

    /// <summary>The first processor's name and telling features, and how many there are.</summary>
    internal static (string? Name, string[] Features, int Count) ReadProcessor(IReadOnlyList<string> cpuinfo)
    {
        var flags = (ValueOf(cpuinfo, "flags") ?? "").Split(' ').ToHashSet();
        return (ValueOf(cpuinfo, "model name"), [.. Telling.Where(flags.Contains)], cpuinfo.Count(line => KeyOf(line) == "processor"));
    }

    internal static long? ReadAvailableMemory(IReadOnlyList<string> meminfo) =>
        long.TryParse(ValueOf(meminfo, "MemAvailable")?.Split(' ')[0], out var kibibytes) ? kibibytes * 1024 : null;

    static string? ValueOf(IReadOnlyList<string> lines, string key) =>
        lines.FirstOrDefault(line => KeyOf(line) == key) is { } line ? line[(line.IndexOf(':') + 1)..].Trim() : null;

    static string KeyOf(string line) => line.Split(':')[0].TrimEnd();

    static string[] ReadLines(string path) => File.Exists(path) ? File.ReadAllLines(path) : [];
}
