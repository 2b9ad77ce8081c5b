using System.Text;

namespace Electra.Tokenization;

/// <summary>BERT's tokenizer step by step on strings, as published: the oracle that <see cref="WordPieceTokenizer"/> must equal.</summary>
sealed class PlainWordPiece(Vocabulary vocabulary, WordPieceConfig config, string unknown = "[UNK]")
{
    const string Continuation = "##";

    /// <summary>Tokens of <paramref name="text"/> without special tokens.</summary>
    public List<string> Tokenize(string text) => [.. Words(text).SelectMany(Pieces)];

    /// <summary>Clean, isolate ideographs, split at white space, lower-case, strip accents, split at punctuation.</summary>
    public IEnumerable<string> Words(string text)
    {
        var cleaned = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (BertCharacters.IsDeleted(rune.Value)) continue;
            if (BertCharacters.IsSpace(rune.Value)) cleaned.Append(' ');
            else if (config.IsolateCjk && BertCharacters.IsCjk(rune.Value)) cleaned.Append(' ').Append(rune).Append(' ');
            else cleaned.Append(rune);
        }
        return cleaned.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Fold).SelectMany(SplitAtPunctuation);
    }

    string Fold(string word)
    {
        if (config.LowerCase) word = string.Concat(word.EnumerateRunes().Select(BertCharacters.ToLower));
        if (config.StripsAccents) word = string.Concat(word.EnumerateRunes().Select(BertCharacters.StripAccents));
        return word;
    }

    static IEnumerable<string> SplitAtPunctuation(string word)
    {
        var run = new StringBuilder();
        foreach (var rune in word.EnumerateRunes())
        {
            if (!BertCharacters.IsPunctuation(rune.Value))
            {
                run.Append(rune);
                continue;
            }
            if (run.Length > 0) yield return run.ToString();
            run.Clear();
            yield return rune.ToString();
        }
        if (run.Length > 0) yield return run.ToString();
    }

    /// <summary>Greedy longest match from the left; a word with a part that matches nothing is unknown as a whole.</summary>
    List<string> Pieces(string word)
    {
        if (word.EnumerateRunes().Count() > config.MaxWordCharacters) return [unknown];
        var pieces = new List<string>();
        for (var start = 0; start < word.Length;)
        {
            var prefix = start == 0 ? "" : Continuation;
            var end = word.Length;
            while (end > start && vocabulary.IdOf(prefix + word[start..end]) is null) end--;
            if (end == start) return [unknown];
            pieces.Add(prefix + word[start..end]);
            start = end;
        }
        return pieces;
    }
}
