using Electra.Tokenization;

namespace Electra.FineTuning.Tasks;

/// <summary>Windows over a long text. Of a pair the shorter text, the first of equals, stays whole in each, up to half of the room, and the longer one slides.</summary>
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
        var (firstCount, otherCount) = (first.Ids.Count, other.Ids.Count);
        if (firstCount + otherCount <= room) return [Frame(first, 0, firstCount, other, 0, otherCount, isTruncated: false)];
        var (shorter, longer) = (Math.Min(firstCount, otherCount), Math.Max(firstCount, otherCount));
        var kept = Math.Min(shorter, room / 2);
        return [.. WindowPlaces.Of(longer, room - kept, stride).Select(place => firstCount <= otherCount
            ? Frame(first, 0, kept, other, place.Start, place.Length, isTruncated: kept < shorter)
            : Frame(first, place.Start, place.Length, other, 0, kept, isTruncated: kept < shorter))];
    }

    EncodedText Frame(TokenizedText first, int start, int length, TokenizedText? second, int secondStart, int secondLength, bool isTruncated)
    {
        var row = new RowFrame(tokenizer);
        row.AddFirst(first, start, length);
        if (second is not null) row.AddSecond(second, secondStart, secondLength);
        return row.ToEncodedText(isTruncated);
    }
}
