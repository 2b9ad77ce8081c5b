using System.IO.Hashing;
using System.Text;

namespace Electra.Files;

/// <summary>
/// Checksums of a folder's files in one list, written last: a folder without a complete list was never finished, and a file that no longer
/// fits its line is damaged. Each line: XxHash128 in hex, two spaces, the relative path.
/// </summary>
public static class Checksums
{
    /// <summary>Name of the list inside the folder.</summary>
    public const string FileName = "checksums.txt";

    /// <summary>Hashes every file below <paramref name="directory"/> and writes the list.</summary>
    public static void Write(string directory)
    {
        var lines = Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(directory, path))
            .Where(path => path != FileName)
            .Order(StringComparer.Ordinal)
            .Select(path => $"{Hash(Path.Combine(directory, path))}  {path}\n");
        AtomicFile.WriteText(Path.Combine(directory, FileName), string.Concat(lines));
    }

    /// <summary>What is wrong with the folder, or null if every listed file is there and fits.</summary>
    public static string? FindDamage(string directory)
    {
        var list = Path.Combine(directory, FileName);
        if (!File.Exists(list)) return $"{FileName} is missing, so it was never finished";
        foreach (var line in File.ReadLines(list, Encoding.UTF8))
        {
            if (line.Split("  ", 2) is not [var hash, var name]) return $"{FileName} is damaged";
            var path = Path.Combine(directory, name);
            if (!File.Exists(path)) return $"{name} is missing";
            if (Hash(path) != hash) return $"{name} does not fit its checksum";
        }
        return null;
    }

    static string Hash(string path)
    {
        var hash = new XxHash128();
        using var file = File.OpenRead(path);
        hash.Append(file);
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }
}
