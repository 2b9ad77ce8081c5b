using System.Text;
using Parquet;
using Parquet.Schema;

namespace Electra.Corpus;

/// <summary>Documents in Parquet: the rows of the string column <c>text</c>. Memory is that of one row group's column.</summary>
static class ParquetText
{
    const string Column = "text";

    /// <summary>The lines of all documents. A null or empty row is an empty document.</summary>
    /// <exception cref="InvalidDataException">The file is not Parquet, or has no string column <c>text</c>.</exception>
    public static IEnumerable<TextPiece> Read(Stream content, string path, ReadingReport report)
    {
        using var file = Seekable(content);
        var layout = Wait(() => Task.FromResult(ParquetLayout.Read(file)), path);
        var reader = Wait(() => ParquetReader.CreateAsync(file), path);
        try
        {
            var field = reader.Schema.DataFields.FirstOrDefault(field => field.Path.ToString() == Column)
                ?? throw new InvalidDataException($"{path}: no column '{Column}', only {string.Join(", ", reader.Schema.DataFields.Select(field => $"'{field.Path}'").Take(10))}.");
            if (field.ClrType != typeof(string) && field.ClrType != typeof(ReadOnlyMemory<char>))
                throw new InvalidDataException($"{path}: the column '{Column}' holds {field.ClrType.Name}, not strings.");

            for (var group = 0; group < reader.RowGroupCount; group++)
                foreach (var row in ReadRows(reader, layout, group, field, path))
                {
                    var isEmpty = true;
                    foreach (var piece in LineDivision.PiecesOf(Encoding.UTF8.GetBytes(row ?? ""), report))
                    {
                        isEmpty = false;
                        yield return piece;
                    }
                    if (isEmpty) report.EmptyDocuments++;
                }
        }
        finally
        {
            reader.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }

    static string?[] ReadRows(ParquetReader reader, ParquetLayout layout, int group, DataField field, string path)
    {
        Check(layout, group, field, path);
        using var rows = reader.OpenRowGroupReader(group);
        var texts = new string?[checked((int)rows.RowCount)];
        return Wait(async () =>
        {
            await rows.ReadAsync(field, texts.AsMemory());
            return texts;
        }, path);
    }

    /// <summary>Refuses a damaged column before it is unpacked.</summary>
    internal static void Check(ParquetLayout layout, int group, DataField field, string path) => Wait(() =>
    {
        layout.CheckColumn(group, field.Path.FirstPart ?? "", isList: field.MaxRepetitionLevel > 0);
        return Task.FromResult(true);
    }, path);

    /// <summary>Parquet begins at the file's end, so a compressed one is unpacked to a temporary file that vanishes when closed.</summary>
    internal static Stream Seekable(Stream content)
    {
        if (content.CanSeek) return content;
        var unpacked = new FileStream(Path.GetTempFileName(), FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.DeleteOnClose);
        try
        {
            using (content) content.CopyTo(unpacked);
            unpacked.Position = 0;
            return unpacked;
        }
        catch
        {
            unpacked.Dispose();
            throw;
        }
    }

    /// <summary>The library's own exceptions are of many kinds, and say nothing of the file.</summary>
    internal static T Wait<T>(Func<Task<T>> read, string path)
    {
        try
        {
            return Task.Run(read).GetAwaiter().GetResult();
        }
        catch (Exception exception) when (exception is not OutOfMemoryException && !exception.Message.StartsWith(path, StringComparison.Ordinal))
        {
            throw new InvalidDataException($"{path}: not a Parquet file that can be read ({exception.Message})", exception);
        }
    }
}
