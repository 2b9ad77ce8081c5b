using Electra.Tokenization;

namespace Electra.FineTuning.Tasks;

/// <summary>
/// Sentences to rows. A word's label stands at its first piece (Devlin et al. 2019, section 5.3); the other pieces have none. Offsets count
/// within the word, which <see cref="EncodedExample.WordTokens"/> finds.
/// </summary>
sealed class TagEncoder(ITokenizer tokenizer, IReadOnlyList<string> labels, int maxLength, int? stride)
{
    readonly Dictionary<string, int> _numbers = labels.Select((label, index) => (label, index)).ToDictionary(pair => pair.label, pair => pair.index, StringComparer.Ordinal);

    /// <summary>One row, or windows where there is a stride. Words that no row holds are predicted O.</summary>
    public List<EncodedExample> Encode(TaggedExample example, int index)
    {
        var (pieces, firsts) = Tokenize(example.Words);
        var room = maxLength - RowFrame.NumSpecial(tokenizer, isPair: false);
        var places = stride is { } step ? WindowPlaces.Of(pieces.Ids.Count, room, step) : [(0, Math.Min(room, pieces.Ids.Count))];
        return [.. places.Select((place, window) => Row(example, index, window, pieces, firsts, places))];
    }

    EncodedExample Row(TaggedExample example, int index, int window, TokenizedText pieces, int[] firsts, List<(int Start, int Length)> places)
    {
        var (start, length) = places[window];
        var row = new RowFrame(tokenizer);
        row.AddFirst(pieces, start, length);
        var text = row.ToEncodedText(isTruncated: stride is null && length < pieces.Ids.Count);

        var tokens = new int[firsts.Length];
        var tokenLabels = new int[text.Length];
        Array.Fill(tokenLabels, EncodedExample.Ignored);
        for (var word = 0; word < firsts.Length; word++)
        {
            // Where windows overlap, a word counts in the one that sees most around it.
            var isHere = WindowPlaces.MaxContext(places, firsts[word]) == window;
            tokens[word] = isHere ? firsts[word] - start + 1 : -1;
            if (isHere && example.Tags is not null) tokenLabels[tokens[word]] = _numbers.GetValueOrDefault(example.Tags[word], EncodedExample.Ignored);
        }
        return new EncodedExample(index, window, text) { WordTokens = tokens, TokenLabels = example.Tags is null ? [] : tokenLabels };
    }

    /// <summary>All words' pieces one after another, and where each word begins.</summary>
    (TokenizedText Pieces, int[] Firsts) Tokenize(IReadOnlyList<string> words)
    {
        List<int> ids = [];
        List<(int, int)> offsets = [];
        var firsts = new int[words.Count];
        // Byte-level BPE sees the blank before a word as a part of it.
        var blank = tokenizer.PairLayout == PairLayout.Roberta ? 1 : 0;
        for (var word = 0; word < words.Count; word++)
        {
            firsts[word] = ids.Count;
            var pieces = tokenizer.EncodeWithOffsets(blank == 1 ? $" {words[word]}" : words[word]);
            ids.AddRange(pieces.Ids);
            offsets.AddRange(pieces.Offsets.Select(offset => (Math.Max(0, offset.Start - blank), Math.Max(0, offset.End - blank))));
            if (ids.Count > firsts[word]) continue;
            // A word of control characters alone has no pieces, but is owed a tag.
            ids.Add(tokenizer.SpecialTokens.Unknown);
            offsets.Add((0, words[word].Length));
        }
        return (new TokenizedText(ids, offsets), firsts);
    }
}
