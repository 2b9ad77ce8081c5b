using Electra.Files;
using System.Text.RegularExpressions;

namespace Electra.Corpus;

/// <summary>The files that a list of paths means: files, folders with all below them, and globs (<c>*</c>, <c>?</c>, <c>**</c>).</summary>
public sealed class InputFiles
{
    const string Readable = ".txt, .jsonl or .parquet, each plain, .gz or .zst";

    static readonly EnumerationOptions Within = new() { IgnoreInaccessible = false, AttributesToSkip = FileAttributes.Hidden | FileAttributes.System };

    InputFiles(IReadOnlyList<InputFile> files, int numSkipped) => (Files, NumSkipped) = (files, numSkipped);

    /// <summary>Each file once, in ordinal order of their full paths; of several links to one file the first counts.</summary>
    public IReadOnlyList<InputFile> Files { get; }

    /// <summary>Files in folders and globs that are of another kind.</summary>
    public int NumSkipped { get; }

    /// <summary>Finds the files.</summary>
    /// <exception cref="FileNotFoundException">A path or glob means no file.</exception>
    /// <exception cref="InvalidDataException">A named file is of another kind, or a folder holds nothing that can be read.</exception>
    public static InputFiles Find(IEnumerable<string> paths)
    {
        var found = new SortedDictionary<string, InputFile>(StringComparer.Ordinal);
        var numSkipped = 0;
        foreach (var path in paths)
        {
            var numReadable = 0;
            var (root, matches) = Expand(path);
            foreach (var match in matches)
            {
                if (InputFile.FormatOf(match) is { } format)
                {
                    var full = Path.GetFullPath(match);
                    var name = Path.GetRelativePath(root, match).Replace(Path.DirectorySeparatorChar, '/');
                    var target = new FileInfo(LinkTarget.Of(match));
                    if (!target.Exists) throw new FileNotFoundException($"{match}: a link to {target.FullName}, which is not there.");
                    found[full] = new InputFile(match, name, format, target.Length);
                    numReadable++;
                }
                else if (match == path)
                {
                    throw new InvalidDataException($"{path}: not a kind of file that holds text here; it must be {Readable}.");
                }
                else
                {
                    numSkipped++;
                }
            }
            if (numReadable == 0) throw new FileNotFoundException($"{path}: no file there is {Readable}.{(path.Contains('[') ? " Patterns here know * and ?: leave [...] to the shell, outside quotes." : "")}");
        }
        // Symbolic links are followed, but what several paths lead to is read once.
        var targets = new HashSet<string>(StringComparer.Ordinal);
        return new InputFiles([.. found.Values.Where(file => targets.Add(LinkTarget.Of(file.Path)))], numSkipped);
    }

    /// <summary>The folder that names are relative to, and the files.</summary>
    static (string Root, IEnumerable<string> Files) Expand(string path)
    {
        if (File.Exists(path)) return (Path.GetDirectoryName(Path.GetFullPath(path))!, [path]);
        if (Directory.Exists(path)) return (path, FilesBelow(path));
        if (path.IndexOfAny(['*', '?']) < 0) throw new FileNotFoundException($"{path}: no such file or folder.");

        var root = path[..(path.LastIndexOf('/', path.IndexOfAny(['*', '?'])) + 1)];
        var pattern = new Regex($"^{Translate(path[root.Length..])}$", RegexOptions.CultureInvariant);
        if (root.Length == 0) root = ".";
        if (!Directory.Exists(root)) throw new DirectoryNotFoundException($"{path}: there is no folder {root}.");
        return (root, FilesBelow(root).Where(file => pattern.IsMatch(Path.GetRelativePath(root, file))));
    }

    /// <summary>Files of a folder and of all below it, each folder once: a symbolic link may lead back to where it lies.</summary>
    static List<string> FilesBelow(string root)
    {
        var files = new List<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var folders = new Queue<string>([root]);
        // Breadth first, links last: of several paths to a folder the plainest names its files.
        while (folders.TryDequeue(out var folder))
        {
            if (!seen.Add(LinkTarget.Of(folder))) continue;
            files.AddRange(Directory.EnumerateFiles(folder, "*", Within));
            foreach (var inside in Directory.EnumerateDirectories(folder, "*", Within).OrderBy(inside => new FileInfo(inside).LinkTarget is not null).ThenBy(inside => inside, StringComparer.Ordinal)) folders.Enqueue(inside);
        }
        return files;
    }

    static string Translate(string glob) => Regex.Escape(glob)
        .Replace(@"\*\*/", "(.*/)?").Replace(@"\*\*", ".*").Replace(@"\*", "[^/]*").Replace(@"\?", "[^/]");
}
