using System.Buffers;
using System.Text.Json;

namespace Electra.Reporting;

/// <summary>
/// A run's <c>metrics.jsonl</c>: one line per logged step, <c>{"step": 10, "kind": "train", "loss": 12.5}</c>, only ever appended to.
/// JSON has no NaN and no infinity: both are written as null. A killed run may leave half a last line; opening the log removes it.
/// </summary>
public sealed class MetricsLog : IDisposable
{
    readonly FileStream _file;
    readonly ArrayBufferWriter<byte> _line = new(1024);

    MetricsLog(FileStream file) => _file = file;

    /// <summary>Creates the log, or opens it to append after its last whole line.</summary>
    public static MetricsLog Open(string path)
    {
        var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        file.SetLength(EndOfLastLine(file));
        file.Seek(0, SeekOrigin.End);
        return new MetricsLog(file);
    }

    /// <summary>Appends one line and hands it to the system at once, so that other programs see it.</summary>
    /// <exception cref="IOException">The disk is full; nothing of the line stays in the file.</exception>
    public void Append(MetricsEntry entry)
    {
        _line.Clear();
        using (var writer = new Utf8JsonWriter(_line))
        {
            writer.WriteStartObject();
            writer.WriteNumber("step", entry.Step);
            writer.WriteString("kind", entry.Kind);
            foreach (var (name, value) in entry.Values)
            {
                if (double.IsFinite(value)) writer.WriteNumber(name, value);
                else writer.WriteNull(name);
            }
            writer.WriteEndObject();
        }
        _line.Write("\n"u8);

        var start = _file.Position;
        try
        {
            _file.Write(_line.WrittenSpan);
        }
        catch (IOException)
        {
            _file.SetLength(start);
            throw;
        }
    }

    /// <summary>Forces all lines to the disk: to be called where a checkpoint is written.</summary>
    public void Flush() => _file.Flush(flushToDisk: true);

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file.Dispose();

    /// <summary>
    /// The lines in order, read one by one. Half a last line, as another process may be writing it, is left out, and so is a line that is none.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="unreadable">Gets a sentence for each line that is none.</param>
    public static IEnumerable<MetricsEntry> Read(string path, ICollection<string>? unreadable = null)
    {
        using var lines = new MetricsLineReader(path);
        while (lines.Next())
            if (lines.Parse() is { } entry) yield return entry;
        foreach (var sentence in lines.Unreadable) unreadable?.Add(sentence);
    }

    /// <summary>
    /// Removes the first line of a later step and everything after it, and half a last line: what a resumed run writes anew.
    /// A line that is none stays where it is among those that are kept.
    /// </summary>
    /// <returns>A sentence for each line that is none.</returns>
    public static IReadOnlyList<string> TruncateAfter(string path, long step)
    {
        long end = 0;
        using var lines = new MetricsLineReader(path);
        while (lines.Next())
        {
            if (lines.Parse() is not { } entry) continue;
            if (entry.Step > step) break;
            end = lines.End;
        }

        using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        file.SetLength(end);
        file.Flush(flushToDisk: true);
        return lines.Unreadable;
    }

    static long EndOfLastLine(FileStream file)
    {
        Span<byte> block = stackalloc byte[4096];
        for (var end = file.Length; end > 0;)
        {
            var start = Math.Max(0, end - block.Length);
            file.Seek(start, SeekOrigin.Begin);
            var part = block[..(int)(end - start)];
            file.ReadExactly(part);
            var newline = part.LastIndexOf((byte)'\n');
            if (newline >= 0) return start + newline + 1;
            end = start;
        }
        return 0;
    }
}
