namespace Electra.Files;

/// <summary>Where a path leads when all symbolic links in it are followed, as POSIX's realpath says it.</summary>
public static class LinkTarget
{
    /// <summary>As many links as Linux follows before it takes them for a loop.</summary>
    const int MaxLinks = 40;

    /// <summary>The one path of a file or folder, whatever links lead to it; of a link to nothing, or to itself, the path as it is.</summary>
    public static string Of(string path)
    {
        var numLinks = 0;
        return Resolve(Path.GetFullPath(path));

        string Resolve(string full)
        {
            if (Path.GetDirectoryName(full) is not { } parent) return full;
            var here = Path.Combine(Resolve(parent), Path.GetFileName(full));
            var target = new FileInfo(here).LinkTarget;
            return target is null || ++numLinks > MaxLinks ? here : Resolve(Path.GetFullPath(target, Path.GetDirectoryName(here)!)); // a link lies in a folder
        }
    }
}
