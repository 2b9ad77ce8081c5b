namespace Electra.Cli;

/// <summary>A benchmark's folder among the system's temporary ones, gone when it ends.</summary>
sealed class BenchFolder : IDisposable
{
    /// <summary>What is said of an interruption that lets the folder be removed.</summary>
    public const string Announcement = "giving up; a second signal stops at once and leaves the benchmark's folder";

    readonly DirectoryInfo _folder;

    /// <exception cref="DirectoryNotFoundException">There is no folder for temporary files.</exception>
    public BenchFolder()
    {
        var parent = System.IO.Path.GetTempPath();
        if (!Directory.Exists(parent)) throw new DirectoryNotFoundException($"There is no folder {parent} for the benchmark's files: make it, or set TMPDIR to another.");
        _folder = Directory.CreateTempSubdirectory("electra-bench-");
    }

    /// <summary>Where it lies.</summary>
    public string Path => _folder.FullName;

    /// <summary>The path of a file or folder in it.</summary>
    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose() => _folder.Delete(recursive: true);
}
