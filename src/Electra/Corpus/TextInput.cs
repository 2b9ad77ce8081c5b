namespace Electra.Corpus;

/// <summary>Text as a plain stream of lines, for work that does not care where documents end, such as training a vocabulary.</summary>
public static class TextInput
{
    /// <summary>All lines of all files, in ordinal path order; each is valid until the next is asked for.</summary>
    /// <param name="paths">Files, folders, globs.</param>
    /// <param name="report">Counts what is met.</param>
    /// <returns>UTF-8 lines that are not blank, of at most 1 MiB: longer ones come in pieces.</returns>
    /// <exception cref="InvalidDataException">A file is damaged or no text.</exception>
    /// <exception cref="FileNotFoundException">A path means no file.</exception>
    public static IEnumerable<ReadOnlyMemory<byte>> ReadLines(IEnumerable<string> paths, ReadingReport report)
    {
        var input = InputFiles.Find(paths);
        report.SkippedFiles += input.NumSkipped;
        return ReadAll();

        IEnumerable<ReadOnlyMemory<byte>> ReadAll()
        {
            foreach (var file in input.Files)
            {
                using var reader = new DocumentReader(file, report);
                foreach (var piece in reader.ReadPieces()) yield return piece.Text;
            }
        }
    }
}
