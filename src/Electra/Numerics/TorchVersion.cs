using System.Runtime.InteropServices;

namespace Electra.Numerics;

/// <summary>Which version a libtorch has: TorchSharp's native half is compiled against the classes of one.</summary>
static class TorchVersion
{
    public const string Required = "2.10";

    /// <summary>What the files of an installation say, before any of it is loaded: a wheel's version.py, the archive's build-version; null where there is neither.</summary>
    public static string? OfFolder(string folder)
    {
        var archive = Path.Combine(folder, "..", "build-version");
        if (File.Exists(archive)) return File.ReadAllText(archive).Trim();
        var wheel = Path.Combine(folder, "..", "version.py");
        if (!File.Exists(wheel)) return null;
        var line = File.ReadLines(wheel).FirstOrDefault(line => line.StartsWith("__version__ =", StringComparison.Ordinal));
        return line?.Split('\'', '"').ElementAtOrDefault(1);
    }

    /// <summary>What the library says itself: major, minor and patch are the highest bytes of its stable interface's version. Older ones lack it.</summary>
    public static unsafe string OfLoaded(string library)
    {
        if (!NativeLibrary.TryGetExport(NativeLibrary.Load(library), "aoti_torch_abi_version", out var function)) return "unknown";
        var version = ((delegate* unmanaged<ulong>)function)();
        return $"{version >> 56}.{(version >> 48) & 0xff}.{(version >> 40) & 0xff}";
    }

    /// <exception cref="PlatformNotSupportedException">It is another version, and no one has asked to try it.</exception>
    public static void Require(TorchLibrary library)
    {
        if (library.Version.StartsWith(Required + ".", StringComparison.Ordinal)) return;
        if (Environment.GetEnvironmentVariable(TorchLibrary.UncheckedVariable) == "1") return;
        throw new PlatformNotSupportedException(
            $"{library.Folder}: libtorch has version {library.Version}, TorchSharp needs {Required}.x. Install that PyTorch, unset {TorchLibrary.FolderVariable}, or set {TorchLibrary.UncheckedVariable}=1 to try at your own risk.");
    }
}
