using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json.Serialization;
using Electra.Numerics;

namespace Electra.Cli;

/// <summary>What this machine has, what will be used, and what is missing.</summary>
/// <param name="Libtorch">Null where it cannot be loaded; <paramref name="Missing"/> says why.</param>
/// <param name="Precision">Of matrix products unless a recipe says otherwise: fp32 or bf16.</param>
/// <param name="VectorBits">Of the widest vectors that the explicit kernels use; 0 for none.</param>
/// <param name="GemmGflops">Null where libtorch cannot be loaded.</param>
/// <param name="FreeDiskBytes">On the disk of the working directory.</param>
/// <param name="OpenmpWaitPolicy">How OpenMP's waiting threads pass the time.</param>
sealed record DoctorReport(
    string Version, string OperatingSystem, string Runtime, Hardware Hardware, long FreeDiskBytes, string OpenmpWaitPolicy,
    LibtorchInUse? Libtorch, string? Precision, int VectorBits, GemmRates? GemmGflops, IReadOnlyList<MissingPart> Missing)
{
    const long Gibibyte = 1L << 30, LittleDisk = 2 * Gibibyte, LittleMemory = 4 * Gibibyte;

    /// <summary>Rows of the product where bfloat16 is emulated: at 5 to 10 GFLOP/s the full product takes seconds.</summary>
    const int RowsEmulated = 256;

    /// <summary>True where nothing of this program that needs tensors can run.</summary>
    [JsonIgnore]
    public bool LacksLibtorch => Libtorch is null;

    /// <summary>Looks at the machine and measures it, which takes some seconds.</summary>
    public static DoctorReport Examine()
    {
        var hardware = Hardware.Describe();
        var freeDisk = new DriveInfo(Directory.GetCurrentDirectory()).AvailableFreeSpace;
        var missing = new List<MissingPart>();
        LibtorchInUse? libtorch = null;
        try
        {
            var loaded = TorchLibrary.EnsureLoaded();
            libtorch = new LibtorchInUse(loaded.Version, loaded.Folder, loaded.HasCuda, ComputeDevice.IsGpu);
        }
        catch (Exception exception) when (exception is DllNotFoundException or PlatformNotSupportedException)
        {
            missing.Add(new MissingPart("libtorch", exception.Message));
        }

        if (libtorch is { CudaAvailable: false } && hardware.Gpus.Count > 0)
            missing.Add(new MissingPart("CUDA", $"{hardware.Gpus[0].Name} is not used: this libtorch cannot reach it. Set {TorchLibrary.FolderVariable} to the lib folder of an installed PyTorch with CUDA, or build with Torch=cuda-linux ./electra."));
        if (libtorch is not null && BFloat16Product.WarningOf(Hardware.TrainingPrecision) is { } warning) missing.Add(new MissingPart("bfloat16", warning));
        if (freeDisk < LittleDisk)
            missing.Add(new MissingPart("disk", $"{Gibibytes(freeDisk)} free here: a small model's run takes about 1 GiB. Free some space or give --out a larger disk."));
        if (hardware.AvailableMemoryBytes < LittleMemory)
            missing.Add(new MissingPart("memory", $"{Gibibytes(hardware.AvailableMemoryBytes)} free: training a small model takes up to 4 GiB. Close other programs or lower batch.micro_batch."));

        return new DoctorReport(
            Assembly.GetExecutingAssembly().GetName().Version!.ToString(3), SystemName(), RuntimeInformation.FrameworkDescription,
            hardware, freeDisk, Environment.GetEnvironmentVariable("OMP_WAIT_POLICY") ?? "passive", libtorch,
            libtorch is null ? null : Name(Hardware.TrainingPrecision), Hardware.VectorBits, libtorch is null ? null : MeasureGemm(hardware), missing);
    }

    /// <summary>The report as a person reads it.</summary>
    public IEnumerable<string> Lines()
    {
        yield return $"electra {Version} on {OperatingSystem}, {Runtime}";
        yield return $"processor  {Hardware.Processor} ({string.Join(", ", Hardware.Features)})";
        yield return $"vectors    {(VectorBits > 0 ? $"of {VectorBits} bits in the explicit kernels" : "none: the explicit kernels take one number at a time, many times slower")}";
        yield return $"threads    {Hardware.Threads} of {Hardware.Processors} processors, waiting threads {OpenmpWaitPolicy}";
        yield return $"memory     {Gibibytes(Hardware.AvailableMemoryBytes)} free of {Gibibytes(Hardware.MemoryBytes)}";
        yield return $"disk       {Gibibytes(FreeDiskBytes)} free here";
        foreach (var gpu in Hardware.Gpus)
            yield return $"gpu        {gpu.Name}, sm{gpu.ComputeCapability}, {Gibibytes(gpu.MemoryBytes)}";
        if (Hardware.Gpus.Count == 0) yield return "gpu        none";
        if (Libtorch is not null) yield return $"libtorch   {Libtorch.Version} for {(Libtorch.Cuda ? "CUDA" : "the processor")}, {Libtorch.Path}";
        if (Precision is not null) yield return $"precision  {Precision}{(Libtorch is { CudaAvailable: true } ? "" : " in explicit kernels")}";
        if (GemmGflops is not null) yield return $"gemm       fp32 {GemmGflops.Fp32:F0} GFLOP/s, bf16 {GemmGflops.Bf16:F0} GFLOP/s{(GemmGflops.Bf16Emulated ? " (emulated)" : "")}";
        foreach (var part in Missing) yield return $"missing    {part.What}: {part.Remedy}";
        if (Missing.Count == 0) yield return "missing    nothing";
    }

    static GemmRates MeasureGemm(Hardware hardware)
    {
        var emulated = !ComputeDevice.IsGpu && (!hardware.ProcessorMultipliesBFloat16 || BFloat16Product.IsForbidden);
        return new GemmRates(
            Math.Round(GemmRate.Measure(Numerics.Precision.Float32), 1),
            Math.Round(emulated ? GemmRate.Measure(Numerics.Precision.BFloat16, repetitions: 3, RowsEmulated) : GemmRate.Measure(Numerics.Precision.BFloat16), 1),
            emulated);
    }

    static string Name(Precision precision) => precision == Numerics.Precision.BFloat16 ? "bf16" : "fp32";

    static string Gibibytes(long bytes) => $"{bytes / (double)Gibibyte:F1} GiB";

    static string SystemName()
    {
        const string release = "/etc/os-release", key = "PRETTY_NAME=";
        var line = File.Exists(release) ? File.ReadLines(release).FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal)) : null;
        return line?[key.Length..].Trim('"') ?? RuntimeInformation.OSDescription;
    }
}

/// <param name="Cuda">Built for NVIDIA GPUs.</param>
/// <param name="CudaAvailable">And finds one.</param>
sealed record LibtorchInUse(string Version, string Path, bool Cuda, bool CudaAvailable);

/// <summary>GFLOP/s of the processor's matrix product, before anything else runs.</summary>
sealed record GemmRates(double Fp32, double Bf16, bool Bf16Emulated);

/// <summary>Something this machine lacks, and what to do about it.</summary>
sealed record MissingPart(string What, string Remedy);

[JsonSerializable(typeof(DoctorReport))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
sealed partial class DoctorJson : JsonSerializerContext;
