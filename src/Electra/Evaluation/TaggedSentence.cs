namespace Electra.Evaluation;

/// <summary>The gold and the predicted tags of one sentence, as long as each other.</summary>
public sealed record TaggedSentence(string[] Gold, string[] Predicted)
{
    /// <summary>
    /// Reads conlleval's input: a token a line, its last two columns the gold and the predicted tag, an empty line between sentences.
    /// Columns stand between tabs if the first line has one, else between blanks.
    /// </summary>
    /// <exception cref="InvalidDataException">The file is empty, lines differ in their number of columns, or a tag is none.</exception>
    public static IEnumerable<TaggedSentence> Read(string path)
    {
        List<string> gold = [], predicted = [];
        char[]? separators = null;
        int numColumns = 0, number = 0;
        foreach (var line in File.ReadLines(path))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
            {
                if (gold.Count > 0) yield return new TaggedSentence([.. gold], [.. predicted]);
                gold.Clear();
                predicted.Clear();
                continue;
            }
            var isFirst = separators is null;
            separators ??= line.Contains('\t') ? ['\t'] : [' '];
            var columns = line.TrimEnd('\r', ' ').Split(separators, StringSplitOptions.RemoveEmptyEntries);
            if (isFirst) numColumns = columns.Length;
            if (columns.Length < 2)
                throw new InvalidDataException(
                    $"{path}: line {number} has {columns.Length} column; the last two must be the gold and the predicted tag.");
            if (columns.Length != numColumns)
                throw new InvalidDataException(
                    $"{path}: line {number} has {columns.Length} columns, the first has {numColumns}; every token needs the same columns.");
            gold.Add(Tag(columns[^2], path, number));
            predicted.Add(Tag(columns[^1], path, number));
        }
        if (separators is null)
            throw new InvalidDataException($"{path}: no tokens; a line needs a token, its gold tag and its predicted tag.");
        if (gold.Count > 0) yield return new TaggedSentence([.. gold], [.. predicted]);
    }

    static string Tag(string text, string path, int line) => EntitySpans.IsTag(text)
        ? text
        : throw new InvalidDataException(
            $"{path}: line {line}: '{text}' is no tag; the last two columns must be O, or B-, I-, E- or S- with a type.");
}
