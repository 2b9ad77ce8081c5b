using System.Text;
using System.Text.Unicode;
using Electra.Corpus;

namespace Electra.FineTuning.Tasks;

/// <summary>Lines of a text file, decompressed, with bytes that are not UTF-8 counted by line and read as U+FFFD.</summary>
sealed class TaskLines(Stream content, string file, TaskReadingReport report) : IDisposable
{
    const int MaxLineBytes = 64 << 20;

    readonly LineReader _lines = new(content, file, new ReadingReport());
    readonly Queue<(long, string)> _again = new();

    /// <summary>The file's name in messages.</summary>
    public string File => file;

    /// <summary>The file of that name, or the one that has .gz or .zst behind it; null where there is none.</summary>
    public static string? Find(string path) => new[] { path, $"{path}.gz", $"{path}.zst" }.FirstOrDefault(System.IO.File.Exists);

    /// <summary>Opens a file, also one that has .gz or .zst behind its name.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static Stream Open(string path)
    {
        var found = Find(path) ?? throw new FileNotFoundException($"{path}: no such file, nor one with .gz or .zst behind its name.");
        return new InputFile(found, found, TextFormat.PlainText, new FileInfo(found).Length).Open().Content;
    }

    /// <summary>The next line and its number from 1.</summary>
    /// <exception cref="InvalidDataException">The line is longer than 64 MiB, or the file is no text.</exception>
    public bool TryRead(out (long Number, string Text) line)
    {
        if (_again.TryDequeue(out line)) return true;
        if (!_lines.TryReadLine(MaxLineBytes, out var bytes)) return false;
        if (!Utf8.IsValid(bytes.Span))
            report.Add(new TaskProblem(TaskProblemKind.Encoding, new SourceLine(file, _lines.LineNumber), "bytes that are not UTF-8, read as U+FFFD", IsDropped: false));
        line = (_lines.LineNumber, Encoding.UTF8.GetString(bytes.Span));
        return true;
    }

    /// <summary>Puts lines back that were read too far; they are read again next.</summary>
    public void Return(IEnumerable<(long Number, string Text)> lines)
    {
        var rest = _again.ToList();
        _again.Clear();
        foreach (var line in lines.Concat(rest)) _again.Enqueue(line);
    }

    public void Dispose() => _lines.Dispose();
}
