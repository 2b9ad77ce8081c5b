namespace Electra.Tokenization;

/// <summary>Texts and pairs of texts to framed, truncated and padded rows, on all cores.</summary>
public sealed class TextEncoder
{
    readonly ITokenizer _tokenizer;

    /// <param name="tokenizer">Makes the tokens and knows the frame.</param>
    /// <param name="maxLength">Most tokens of a row, special ones included; what is over is cut off, the longer text of a pair first.</param>
    /// <exception cref="ArgumentException"><paramref name="maxLength"/> leaves no room for a text between the special tokens.</exception>
    public TextEncoder(ITokenizer tokenizer, int maxLength = 512)
    {
        if (maxLength <= NumSpecial(tokenizer, isPair: true))
            throw new ArgumentException($"The length {maxLength} leaves no room for text: a pair has {NumSpecial(tokenizer, isPair: true)} special tokens.");
        (_tokenizer, MaxLength) = (tokenizer, maxLength);
    }

    /// <summary>Most tokens of a row, special ones included.</summary>
    public int MaxLength { get; }

    /// <summary>Encodes one text, or two as a pair.</summary>
    public EncodedText Encode(string text, string? second = null)
    {
        var first = _tokenizer.EncodeWithOffsets(text);
        var other = second is null ? null : _tokenizer.EncodeWithOffsets(second);
        var room = MaxLength - NumSpecial(_tokenizer, isPair: second is not null);
        var (firstLength, secondLength) = LongestFirst(first.Ids.Count, other?.Ids.Count ?? 0, room);

        var row = new Row(firstLength + secondLength + MaxLength - room);
        row.AddSpecial(_tokenizer.SpecialTokens.Start, type: 0);
        row.AddText(first, firstLength, type: 0, source: 0);
        row.AddSpecial(_tokenizer.SpecialTokens.Separator, type: 0);
        if (other is not null)
        {
            var type = (byte)(_tokenizer.PairLayout == PairLayout.Bert ? 1 : 0);
            if (_tokenizer.PairLayout == PairLayout.Roberta) row.AddSpecial(_tokenizer.SpecialTokens.Separator, type);
            row.AddText(other, secondLength, type, source: 1);
            row.AddSpecial(_tokenizer.SpecialTokens.Separator, type);
        }
        return row.ToEncodedText(isTruncated: firstLength + secondLength < first.Ids.Count + (other?.Ids.Count ?? 0));
    }

    /// <summary>Encodes many texts, or pairs, on <paramref name="workers"/> cores (all by default), and pads them to the longest or to <paramref name="length"/>.</summary>
    /// <exception cref="ArgumentException">There are not as many second texts as first ones, or a row is longer than <paramref name="length"/>.</exception>
    public EncodedBatch EncodeBatch(IReadOnlyList<string> texts, IReadOnlyList<string>? seconds = null, int? length = null, int? workers = null)
    {
        if (seconds is not null && seconds.Count != texts.Count)
            throw new ArgumentException($"{texts.Count:N0} first texts and {seconds.Count:N0} second ones: pairs need as many of each.");
        var rows = new EncodedText[texts.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = workers ?? Environment.ProcessorCount };
        Parallel.For(0, texts.Count, options,
            index => rows[index] = Encode(texts[index], seconds?[index]));
        return new EncodedBatch(rows, length ?? rows.Select(row => row.Length).DefaultIfEmpty(0).Max(), _tokenizer.SpecialTokens.Padding);
    }

    /// <summary>How much of two texts fits: tokens go one by one from the longer, from the second where they are equal (google-research/bert).</summary>
    internal static (int First, int Second) LongestFirst(int first, int second, int room)
    {
        while (first + second > room)
        {
            if (first > second) first--;
            else second--;
        }
        return (first, second);
    }

    static int NumSpecial(ITokenizer tokenizer, bool isPair) => !isPair ? 2 : tokenizer.PairLayout == PairLayout.Roberta ? 4 : 3;

    sealed class Row(int length)
    {
        readonly int[] _ids = new int[length];
        readonly byte[] _types = new byte[length];
        readonly sbyte[] _sources = new sbyte[length];
        readonly (int, int)[] _offsets = new (int, int)[length];
        int _count;

        public void AddSpecial(int id, byte type) => Add(id, type, -1, (0, 0));

        public void AddText(TokenizedText text, int count, byte type, sbyte source)
        {
            for (var i = 0; i < count; i++) Add(text.Ids[i], type, source, text.Offsets[i]);
        }

        public EncodedText ToEncodedText(bool isTruncated) => new(_ids, _types, _sources, _offsets, isTruncated);

        void Add(int id, byte type, sbyte source, (int, int) offset) =>
            (_ids[_count], _types[_count], _sources[_count], _offsets[_count++]) = (id, type, source, offset);
    }
}
