using Microsoft.Win32.SafeHandles;

namespace Electra.Checkpoints;

/// <summary>Opening and reading of files that hold tensors, with one clear line for each way it fails.</summary>
static class TensorFiles
{
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is a directory, or empty.</exception>
    public static SafeFileHandle OpenForReading(string path)
    {
        if (Directory.Exists(path)) throw new InvalidDataException($"{path} is a directory, a file is expected.");
        if (!File.Exists(path)) throw new FileNotFoundException($"{path} does not exist.", path);
        var file = File.OpenHandle(path);
        if (RandomAccess.GetLength(file) > 0) return file;
        file.Dispose();
        throw new InvalidDataException($"{path} is empty. Not fetched?");
    }

    /// <exception cref="InvalidDataException">The file ends early.</exception>
    public static void ReadExactly(string path, SafeFileHandle file, long offset, Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            var read = RandomAccess.Read(file, destination, offset);
            if (read == 0) throw new InvalidDataException($"{path} ends at byte {offset:N0}, {destination.Length:N0} more are expected. Cut off?");
            destination = destination[read..];
            offset += read;
        }
    }

    /// <summary>The whole text file, if it is no larger than a limit.</summary>
    /// <exception cref="InvalidDataException">It is larger, empty, or a directory.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static byte[] ReadAll(string path, long maxBytes)
    {
        using var file = OpenForReading(path);
        var length = RandomAccess.GetLength(file);
        if (length > maxBytes) throw new InvalidDataException($"{path} has {length:N0} bytes, at most {maxBytes:N0} are read.");
        var bytes = new byte[length];
        ReadExactly(path, file, 0, bytes);
        return bytes;
    }
}
