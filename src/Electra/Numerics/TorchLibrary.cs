using System.Runtime.InteropServices;
using TorchSharp;

namespace Electra.Numerics;

/// <summary>
/// The libtorch in use: the one beside the program, or the one of an installed PyTorch named by ELECTRA_LIBTORCH.
/// It is checked and loaded before TorchSharp loads anything, because what TorchSharp says of a missing library fills a page.
/// The program keeps its own in a folder where the runtime does not look: TorchSharp would load it from there beside the
/// chosen one, and two of them in one process end it. Once one is loaded, the system's loader finds it by its name.
/// </summary>
/// <param name="Folder">Where its libraries lie.</param>
/// <param name="Version">As it tells itself, such as 2.10.0.</param>
/// <param name="HasCuda">Whether it is built for NVIDIA GPUs.</param>
public sealed record TorchLibrary(string Folder, string Version, bool HasCuda)
{
    /// <summary>The lib folder of an installed PyTorch, to be used instead of the libtorch beside the program.</summary>
    public const string FolderVariable = "ELECTRA_LIBTORCH";

    /// <summary>Set to 1 it admits a libtorch of another version, whose missing functions can end the process.</summary>
    public const string UncheckedVariable = "ELECTRA_LIBTORCH_UNCHECKED";

    /// <summary>The one symbol of GLIBCXX_3.4.32 (GCC 13) that TorchSharp's native half asks for.</summary>
    const string NewestCppSymbol = "_ZSt21ios_base_library_initv";

    /// <summary>In the order of their dependencies.</summary>
    static readonly string[] Libraries = ["libc10.so", "libtorch_cpu.so", CudaLibrary, "libtorch.so"];
    const string CudaLibrary = "libtorch_cuda.so";

    static readonly Lazy<TorchLibrary> Loaded = new(Load);

    /// <summary>Loads libtorch once; every command that computes with tensors begins with it.</summary>
    /// <exception cref="PlatformNotSupportedException">The C++ library is too old, or libtorch has another version.</exception>
    /// <exception cref="DllNotFoundException">libtorch is missing or does not load.</exception>
    public static TorchLibrary EnsureLoaded() => Loaded.Value;

    /// <summary>Sets how many threads an operation takes in the calling thread and in threads started later.</summary>
    /// <exception cref="ArgumentException">The count is not positive.</exception>
    public static void UseThreads(int count)
    {
        if (count < 1) throw new ArgumentException($"{count} threads: at least 1 is needed.");
        EnsureLoaded();
        torch.set_num_threads(count);
    }

    static TorchLibrary Load()
    {
        if (!OperatingSystem.IsLinux())
        {
            torch.InitializeDeviceType(DeviceType.CPU);
            return new TorchLibrary(AppContext.BaseDirectory, torch.__version__, torch.cuda.is_available());
        }

        RequireCppLibrary("libstdc++.so.6");
        var library = Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } folder ? Inspect(Path.GetFullPath(folder)) : FindBundled();
        var torchSharp = FindInSearchPath("libLibTorchSharp.so")
            ?? throw new DllNotFoundException("libLibTorchSharp.so is missing beside the program: build it again with ./electra.");

        SetThreadsOfOpenMP();
        foreach (var name in Libraries)
            if (library.HasCuda || name != CudaLibrary) LoadNative(Path.Combine(library.Folder, name));
        if (library.Version.Length == 0) library = library with { Version = TorchVersion.OfLoaded(Path.Combine(library.Folder, "libtorch_cpu.so")) };
        TorchVersion.Require(library);
        LoadNative(torchSharp);
        return library;
    }

    /// <summary>Asks the C++ library for the symbol itself, which is quicker and surer than its file's version.</summary>
    internal static void RequireCppLibrary(string name)
    {
        if (NativeLibrary.TryLoad(name, out var handle) && NativeLibrary.TryGetExport(handle, NewestCppSymbol, out _)) return;
        throw new PlatformNotSupportedException(
            $"{name} is missing or lacks GLIBCXX_3.4.32, which TorchSharp needs. Run eng/setup.sh as root, or install libstdc++6 of GCC 13 or newer (Debian 13 and Ubuntu 24.04 have it).");
    }

    /// <summary>Reads what an installed PyTorch says of itself, and refuses another version before anything of it runs.</summary>
    static TorchLibrary Inspect(string folder)
    {
        if (Libraries.FirstOrDefault(name => name != CudaLibrary && !File.Exists(Path.Combine(folder, name))) is { } absent)
            throw new DllNotFoundException(
                $"{FolderVariable}={folder}: there is no {absent}. Give the lib folder of an installed PyTorch {TorchVersion.Required} (.../site-packages/torch/lib), or unset the variable.");
        if (FindInSearchPath("libtorch_cpu.so") is { } other)
            throw new PlatformNotSupportedException($"{FolderVariable}={folder}: TorchSharp would load {other} besides. Build without a libtorch package, or unset the variable.");

        var library = new TorchLibrary(folder, TorchVersion.OfFolder(folder) ?? "", File.Exists(Path.Combine(folder, CudaLibrary)));
        if (library.Version.Length > 0) TorchVersion.Require(library);
        return library;
    }

    /// <summary>A program that references a libtorch package finds it in the search path, ours in its own folder.</summary>
    static TorchLibrary FindBundled()
    {
        var own = Path.Combine(AppContext.BaseDirectory, "libtorch", "libtorch_cpu.so");
        var file = FindInSearchPath("libtorch_cpu.so") ?? (File.Exists(own) ? own : throw new DllNotFoundException(
            $"libtorch is missing ({own}): build the program again with ./electra, or set {FolderVariable} to the lib folder of an installed PyTorch {TorchVersion.Required}."));
        var folder = Path.GetDirectoryName(file)!;
        return new TorchLibrary(folder, "", File.Exists(Path.Combine(folder, CudaLibrary)));
    }

    /// <summary>The runtime lists the folders where it looks for native libraries, those of packages among them.</summary>
    static string? FindInSearchPath(string name)
    {
        var folders = AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "";
        return folders.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Append(AppContext.BaseDirectory)
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);
    }

    static void LoadNative(string path)
    {
        try
        {
            NativeLibrary.Load(path);
        }
        catch (Exception exception) when (exception is DllNotFoundException or BadImageFormatException)
        {
            // .NET begins with advice; the loader's own message, which names what it misses, is the last line.
            throw new DllNotFoundException($"{path} cannot be loaded: {exception.Message.TrimEnd().Split('\n')[^1]}", exception);
        }
    }

    /// <summary>
    /// OpenMP counts the machine's processors, a container may have fewer; and its waiting threads spin, which starves the others of a small machine.
    /// It reads both settings when it loads, and .NET's own setter does not reach native code.
    /// </summary>
    static void SetThreadsOfOpenMP()
    {
        const int keep = 0;
        _ = SetEnvironment("OMP_NUM_THREADS", Environment.ProcessorCount.ToString(), keep);
        _ = SetEnvironment("OMP_WAIT_POLICY", "passive", keep);
    }

    [DllImport("libc", EntryPoint = "setenv", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    static extern int SetEnvironment(string name, string value, int overwrite);
}
