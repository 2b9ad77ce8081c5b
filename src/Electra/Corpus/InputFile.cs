namespace Electra.Corpus;

/// <summary>One file of text and how to open it.</summary>
/// <param name="Path">Where it lies.</param>
/// <param name="Name">The path below the folder or glob that found it, with forward slashes: what a manifest may say.</param>
/// <param name="Format">How it holds documents.</param>
/// <param name="Bytes">Its size on disk.</param>
public sealed record InputFile(string Path, string Name, TextFormat Format, long Bytes)
{
    /// <summary>True of a pipe or a terminal: what has been written is to be read without waiting for more, which may be long in coming.</summary>
    public static bool IsLive(Stream content) => !content.CanSeek && content is not ReadOnlyStream; // decompressors cannot seek, but their files are there

    /// <summary>The file and its decompressed content, which is the file itself where it is not compressed.</summary>
    internal (FileStream File, Stream Content) Open()
    {
        var file = new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16, FileOptions.SequentialScan);
        return System.IO.Path.GetExtension(Path).ToLowerInvariant() switch
        {
            ".gz" => (file, new GzipReadStream(file, Path)),
            ".zst" => (file, new ZstandardReadStream(file, Path)),
            _ => (file, file),
        };
    }

    /// <summary>The format a name promises, or null where it promises none that is read here.</summary>
    internal static TextFormat? FormatOf(string path)
    {
        if (System.IO.Path.GetExtension(path).ToLowerInvariant() is ".gz" or ".zst") path = System.IO.Path.GetFileNameWithoutExtension(path);
        return System.IO.Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".txt" => TextFormat.PlainText,
            ".jsonl" => TextFormat.JsonLines,
            ".parquet" => TextFormat.Parquet,
            _ => null,
        };
    }
}
