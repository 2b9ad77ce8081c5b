namespace Electra.Corpus;

/// <summary>What was met while reading text. Nothing counted here was dropped, unless it says so.</summary>
public sealed class ReadingReport
{
    /// <summary>Bytes of text after decompression and unescaping, without line ends.</summary>
    public long TextBytes { get; set; }

    /// <summary>Bytes that are not UTF-8; the tokenizer takes each bad sequence for U+FFFD.</summary>
    public long BadBytes { get; set; }

    /// <summary>NUL bytes, which stay in the text; tokenizers give no token for them.</summary>
    public long NulBytes { get; set; }

    /// <summary>Byte order marks at the start of a file, which are no text.</summary>
    public long ByteOrderMarks { get; set; }

    /// <summary>Lines over 1 MiB, each divided into several.</summary>
    public long DividedLines { get; set; }

    /// <summary>Sentences of more tokens than a sentence record holds, each divided into several.</summary>
    public long DividedSentences { get; set; }

    /// <summary>Documents, or whole files, without any token; there is nothing of them to keep.</summary>
    public long EmptyDocuments { get; set; }

    /// <summary>Files in input folders that are of another kind, and were not read.</summary>
    public long SkippedFiles { get; set; }

    /// <summary>Adds what another reader met.</summary>
    public void Add(ReadingReport other)
    {
        TextBytes += other.TextBytes;
        BadBytes += other.BadBytes;
        NulBytes += other.NulBytes;
        ByteOrderMarks += other.ByteOrderMarks;
        DividedLines += other.DividedLines;
        DividedSentences += other.DividedSentences;
        EmptyDocuments += other.EmptyDocuments;
        SkippedFiles += other.SkippedFiles;
    }

    /// <summary>One line for each thing worth a reader's attention; empty if there is none.</summary>
    public IEnumerable<string> Warnings()
    {
        if (BadBytes > 0) yield return $"{BadBytes:N0} bytes are not UTF-8 and count as U+FFFD";
        if (NulBytes > 0) yield return $"{NulBytes:N0} NUL bytes";
        if (ByteOrderMarks > 0) yield return $"{ByteOrderMarks:N0} byte order marks removed";
        if (DividedLines > 0) yield return $"{DividedLines:N0} lines over 1 MiB divided";
        if (DividedSentences > 0) yield return $"{DividedSentences:N0} sentences over {DatasetFormat.MaxSentenceTokens:N0} tokens divided";
        if (EmptyDocuments > 0) yield return $"{EmptyDocuments:N0} empty documents";
        if (SkippedFiles > 0) yield return $"{SkippedFiles:N0} files of other kinds not read";
    }
}
