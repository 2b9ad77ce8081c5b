using Electra.Tokenization;

namespace Electra.FineTuning.Tasks;

/// <summary>Builds one row out of pieces of tokenized texts, framed by special tokens as the tokenizer's layout says.</summary>
sealed class RowFrame(ITokenizer tokenizer)
{
    readonly List<int> _ids = [];
    readonly List<byte> _types = [];
    readonly List<sbyte> _sources = [];
    readonly List<(int, int)> _offsets = [];

    /// <summary>Tokens so far.</summary>
    public int Length => _ids.Count;

    /// <summary>Special tokens of one text, or of a pair.</summary>
    public static int NumSpecial(ITokenizer tokenizer, bool isPair) => !isPair ? 2 : tokenizer.PairLayout == PairLayout.Roberta ? 4 : 3;

    /// <summary>[CLS], the tokens, [SEP].</summary>
    public void AddFirst(TokenizedText text, int start, int count)
    {
        AddSpecial(tokenizer.SpecialTokens.Start, 0);
        AddText(text, start, count, type: 0, source: 0);
        AddSpecial(tokenizer.SpecialTokens.Separator, 0);
    }

    /// <summary>The second text's tokens and [SEP], after a second separator in RoBERTa's layout.</summary>
    public void AddSecond(TokenizedText text, int start, int count)
    {
        var type = (byte)(tokenizer.PairLayout == PairLayout.Bert ? 1 : 0);
        if (tokenizer.PairLayout == PairLayout.Roberta) AddSpecial(tokenizer.SpecialTokens.Separator, type);
        AddText(text, start, count, type, source: 1);
        AddSpecial(tokenizer.SpecialTokens.Separator, type);
    }

    /// <summary>The row.</summary>
    public EncodedText ToEncodedText(bool isTruncated) => new([.. _ids], [.. _types], [.. _sources], [.. _offsets], isTruncated);

    void AddSpecial(int id, byte type) => Add(id, type, -1, (0, 0));

    void AddText(TokenizedText text, int start, int count, byte type, sbyte source)
    {
        for (var i = start; i < start + count; i++) Add(text.Ids[i], type, source, text.Offsets[i]);
    }

    void Add(int id, byte type, sbyte source, (int, int) offset)
    {
        _ids.Add(id);
        _types.Add(type);
        _sources.Add(source);
        _offsets.Add(offset);
    }
}
