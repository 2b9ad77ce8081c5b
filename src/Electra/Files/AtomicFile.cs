namespace Electra.Files;

/// <summary>Files that are either complete or absent: written under a temporary name, flushed to disk, then renamed.</summary>
public static class AtomicFile
{
    /// <summary>Creates or replaces <paramref name="path"/> with what <paramref name="write"/> puts on the stream.</summary>
    /// <exception cref="InvalidDataException">A directory has the name.</exception>
    /// <exception cref="DirectoryNotFoundException">The folder is missing.</exception>
    /// <exception cref="IOException">The disk is full or the folder cannot be written; the old file is untouched.</exception>
    public static void Write(string path, Action<FileStream> write)
    {
        if (Directory.Exists(path)) throw new InvalidDataException($"{path}: is a directory, a file was to be written there.");
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder && !Directory.Exists(folder))
            throw new DirectoryNotFoundException($"{path}: there is no folder {folder}; make it first.");
        var temporary = $"{path}.tmp";
        try
        {
            using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 1 << 20))
            {
                write(file);
                file.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Creates or replaces <paramref name="path"/> with UTF-8 text without a byte order mark.</summary>
    public static void WriteText(string path, string text) =>
        Write(path, file => file.Write(System.Text.Encoding.UTF8.GetBytes(text)));
}
