using Electra.Tokenization;

namespace Electra.FineTuning.Tasks;

/// <summary>Windows over a long text. Of a pair the first text stays whole in each, up to half of the room, and the second one slides.</summary>
sealed class TextWindows(ITokenizer tokenizer, int maxLength, int stride)
{
    /// <summary>The rows, at least one.</summary>
    public List<EncodedText> Encode(string text, string? second)
    {
        var first = tokenizer.EncodeWithOffsets(text);
        var room = maxLength - RowFrame.NumSpecial(tokenizer, isPair: second is not null);
        if (second is null)
            return [.. WindowPlaces.Of(first.Ids.Count, room, stride).Select(place => Frame(first, place.Start, place.Length, null, 0, 0, isTruncated: false))];

        var other = tokenizer.EncodeWithOffsets(second);
        var kept = first.Ids.Count + other.Ids.Count <= room ? first.Ids.Count : Math.Min(first.Ids.Count, room / 2);
        return [.. WindowPlaces.Of(other.Ids.Count, room - kept, stride)
            .Select(place => Frame(first, 0, kept, other, place.Start, place.Length, isTruncated: kept < first.Ids.Count))];
    }

    EncodedText Frame(TokenizedText first, int start, int length, TokenizedText? second, int secondStart, int secondLength, bool isTruncated)
    {
        var row = new RowFrame(tokenizer);
        row.AddFirst(first, start, length);
        if (second is not null) row.AddSecond(second, secondStart, secondLength);
        return row.ToEncodedText(isTruncated);
    }
}
