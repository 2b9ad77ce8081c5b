using Electra.Corpus;
using Electra.Tokenization;

namespace Electra.Tests.Corpus;

/// <summary>A tokenizer that gives each letter, digit and mark one token, so that lengths can be counted by eye.</summary>
static class LetterTokenizer
{
    const string Alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
    const string Marks = ".,!?";

    /// <summary>The tokens by id.</summary>
    public static Vocabulary Vocabulary { get; } = Create().Vocabulary;

    public static WordPieceTokenizer Create(int numUnused = 0) => new(new Vocabulary([
        "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]",
        .. Alphabet.Select(letter => letter.ToString()), .. Alphabet.Select(letter => $"##{letter}"), .. Marks.Select(mark => mark.ToString()),
        .. Enumerable.Range(0, numUnused).Select(i => $"[unused{i}]")]), new WordPieceConfig(MaxWordCharacters: 1000));

    /// <summary>Text of so many letters, one token each, in words of 50.</summary>
    public static string Letters(int count)
    {
        var text = new System.Text.StringBuilder();
        for (var i = 0; i < count; i++) text.Append(i > 0 && i % 50 == 0 ? " " : "").Append((char)('a' + (i * 7 + count) % 26));
        return text.ToString();
    }

    /// <summary>Builds a dataset of files in a folder.</summary>
    public static DatasetManifest Build(string input, string output, DatasetOptions? options = null) =>
        new TokenizedDatasetBuilder(Create(), options ?? new DatasetOptions()).Build([input], output);

    /// <summary>The letters of a whole split, documents ended by '/'.</summary>
    public static string TextOf(DatasetSplit split)
    {
        var text = new System.Text.StringBuilder();
        long document = -1;
        for (var block = 0; block < split.NumBlocks; block++)
        {
            var layout = split.ReadLayout(block);
            var ids = new int[layout.NumTokens];
            split.ReadTokens(block, 0, ids);
            for (var index = 0; index < layout.NumDocuments; index++)
            {
                if (document >= 0 && layout.NumberInSplit(index) != document) text.Append('/');
                document = layout.NumberInSplit(index);
                foreach (var id in ids[layout.StartOfDocument(index)..layout.EndOfDocument(index)]) text.Append(Vocabulary[id].TrimStart('#'));
            }
        }
        return text.ToString();
    }
}
