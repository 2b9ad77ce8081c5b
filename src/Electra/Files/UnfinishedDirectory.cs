namespace Electra.Files;

/// <summary>
/// A directory that is being written beside its final place, so that what has the final name is complete.
/// A build that was killed leaves it behind; the next one for the same place removes it.
/// </summary>
public sealed class UnfinishedDirectory : IDisposable
{
    const string Suffix = ".unfinished", LockName = "lock";

    readonly string _target;
    readonly FileStream _lock;
    bool _isFinished;

    /// <param name="target">The final place; not there yet, or an empty folder.</param>
    /// <exception cref="IOException">Another process is writing there now.</exception>
    /// <exception cref="ArgumentException">Something else has the temporary name.</exception>
    public UnfinishedDirectory(string target)
    {
        _target = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(target));
        Path = _target + Suffix;
        var lockFile = System.IO.Path.Combine(Path, LockName);
        if (System.IO.Path.Exists(Path))
        {
            // Only what such a build has left may be deleted.
            if (!File.Exists(lockFile) && (File.Exists(Path) || Directory.EnumerateFileSystemEntries(Path).Any()))
                throw new ArgumentException($"{Path}: is in the way; remove it or choose another place for {target}.");
            using (Lock(lockFile)) Directory.Delete(Path, recursive: true);
        }
        Directory.CreateDirectory(Path);
        _lock = Lock(lockFile);
    }

    /// <summary>Where to write.</summary>
    public string Path { get; }

    /// <summary>Gives the directory its final name.</summary>
    public void Finish()
    {
        if (Directory.Exists(_target)) Directory.Delete(_target); // fails unless it is empty
        Directory.Move(Path, _target);
        _isFinished = true;
        File.Delete(System.IO.Path.Combine(_target, LockName));
    }

    static FileStream Lock(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception) when (File.Exists(path))
        {
            throw new IOException($"{System.IO.Path.GetDirectoryName(path)}: another process is writing there.", exception);
        }
    }

    /// <summary>Removes what was not finished.</summary>
    public void Dispose()
    {
        if (!_isFinished && Directory.Exists(Path)) Directory.Delete(Path, recursive: true);
        _lock.Dispose();
    }
}
