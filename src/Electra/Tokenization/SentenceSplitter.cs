using System.Buffers;
using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Electra.Tokenization;

/// <summary>
/// Finds where sentences end inside a line of UTF-8 text, by rules: full stops of all common scripts; not after titles, initials and other
/// abbreviations, not inside numbers and names, not before a small letter. Made for English and harmless for other languages.
/// </summary>
public static class SentenceSplitter
{
    /// <summary>Longest abbreviation that is known, in bytes: what an <see cref="ulong"/> holds.</summary>
    const int MaxAbbreviationBytes = 8;

    /// <summary>First bytes of everything that may end a sentence.</summary>
    static readonly SearchValues<byte> MayEnd = SearchValues.Create(".!?"u8.ToArray().Concat(FirstBytes("…。！？｡।॥؟۔‼⁇⁈⁉")).ToArray());

    /// <summary>Never the end: a name or a number follows.</summary>
    static readonly FrozenSet<ulong> BeforeName = Words(
        "mr mrs ms messrs mme mlle dr drs prof rev fr hon pres gov sen rep amb sec gen adm capt cmdr col lt maj sgt cpl pvt brig st ste mt ft " +
        "vs v cf viz ca c approx e.g i.e resp incl esp est al");

    /// <summary>The end only if no number follows: "No. 5", "pp. 3-4", "Jan. 7".</summary>
    static readonly FrozenSet<ulong> BeforeNumber = Words("no nos vol vols pp p pg fig figs eq eqs ch art sect op ed nr jan feb mar apr jun jul aug sep sept oct nov dec");

    /// <summary>The end only if the next word often begins a sentence: "at Acme Inc. The", but "Acme Inc. Chairman".</summary>
    static readonly FrozenSet<ulong> MayStandLast = Words(
        "inc ltd co corp llc bros jr sr esq etc dept univ assn ave blvd rd mfg ph.d m.d b.a m.a b.sc m.sc a.m p.m a.d b.c");

    static readonly FrozenSet<ulong> Starters = Words(
        "the a an he she it they we you i in on at as by for from to with after before during when while since if although though but and however " +
        "this that these those there here his her its their our my one some many most both all no not what who why how where so then now also another");

    /// <summary>Bytes of the first sentence of the line with the whitespace after it; the whole line if it holds one sentence.</summary>
    /// <param name="line">UTF-8 that starts at the start of a sentence.</param>
    public static int FirstSentence(ReadOnlySpan<byte> line)
    {
        var searched = 0;
        while (line[searched..].IndexOfAny(MayEnd) is >= 0 and var offset)
        {
            var mark = searched + offset;
            searched = mark + 1;
            if (MarkAt(line, mark) is not (> 0 and var length)) continue;

            var end = AfterMarks(line, mark + length, out var isOneMark);
            var next = AfterWhitespace(line, end);
            if (next == line.Length) return next;
            searched = end;
            if (length > 1 && IsWideMark(line.Slice(mark, length))) return next;
            if (next > end && Ends(line, mark, end, next, isFullStop: isOneMark && line[mark] == '.')) return next;
        }
        return line.Length;
    }

    /// <summary>Whether whitespace at <paramref name="end"/> separates sentences.</summary>
    static bool Ends(ReadOnlySpan<byte> line, int mark, int end, int next, bool isFullStop)
    {
        next = AfterOpeners(line, next);
        if (next == line.Length) return true;
        Rune.DecodeFromUtf8(line[next..], out var rune, out _);
        var category = Rune.GetUnicodeCategory(rune);
        if (category == UnicodeCategory.LowercaseLetter) return false;
        if (!isFullStop || mark + 1 < end) return true; // a closing quote or bracket after the full stop: no abbreviation

        var word = WordBefore(line, mark);
        if (word.IsEmpty) return true;
        if (char.IsAsciiDigit((char)word[0])) return word.Length < mark; // "1. Introduction" begins with the number of a list
        if (IsOneLetter(word)) return word[0] == 'I'; // an initial, or the pronoun
        if (!TryPack(word, out var packed)) return true;
        if (BeforeName.Contains(packed)) return false;
        if (BeforeNumber.Contains(packed)) return category != UnicodeCategory.DecimalDigitNumber;
        return !(MayStandLast.Contains(packed) || word.Contains((byte)'.')) || IsStarter(line[next..]);
    }

    /// <summary>Bytes of the mark at a place, or 0 if what stands there only begins like one.</summary>
    static int MarkAt(ReadOnlySpan<byte> line, int place)
    {
        if (line[place] < 0x80) return 1;
        Rune.DecodeFromUtf8(line[place..], out var rune, out var length);
        return rune.Value is '…' or '。' or '！' or '？' or '｡' or '।' or '॥' or '؟' or '۔' or '‼' or '⁇' or '⁈' or '⁉' ? length : 0;
    }

    /// <summary>Marks of scripts that write no space after them.</summary>
    static bool IsWideMark(ReadOnlySpan<byte> mark) => mark.SequenceEqual("。"u8) || mark.SequenceEqual("！"u8) || mark.SequenceEqual("？"u8) || mark.SequenceEqual("｡"u8);

    /// <summary>The end of a run of marks and of the quotes and brackets that close after it.</summary>
    static int AfterMarks(ReadOnlySpan<byte> line, int place, out bool isOneMark)
    {
        isOneMark = true;
        while (place < line.Length && line[place] is var value && (value is (byte)'.' or (byte)'!' or (byte)'?' || value >= 0x80) && MarkAt(line, place) is > 0 and var length)
        {
            place += length;
            isOneMark = false;
        }
        while (place < line.Length)
        {
            if (line[place] is (byte)'"' or (byte)'\'' or (byte)')' or (byte)']' or (byte)'}') place++;
            else if (line[place] >= 0x80 && Rune.DecodeFromUtf8(line[place..], out var rune, out var length) == OperationStatus.Done && IsCloser(rune)) place += length;
            else break;
        }
        return place;
    }

    static bool IsCloser(Rune rune) => Rune.GetUnicodeCategory(rune) is UnicodeCategory.ClosePunctuation or UnicodeCategory.FinalQuotePunctuation || rune.Value == '“';

    static int AfterWhitespace(ReadOnlySpan<byte> line, int place)
    {
        while (place < line.Length)
        {
            if (line[place] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n' or (byte)'\v' or (byte)'\f') place++;
            else if (line[place] >= 0x80 && Rune.DecodeFromUtf8(line[place..], out var rune, out var length) == OperationStatus.Done && Rune.IsWhiteSpace(rune)) place += length;
            else break;
        }
        return place;
    }

    static int AfterOpeners(ReadOnlySpan<byte> line, int place)
    {
        while (place < line.Length)
        {
            Rune.DecodeFromUtf8(line[place..], out var rune, out var length);
            var isOpener = rune.Value is '"' or '\'' or '-' or '–' or '—'
                || Rune.GetUnicodeCategory(rune) is UnicodeCategory.OpenPunctuation or UnicodeCategory.InitialQuotePunctuation;
            if (!isOpener) return place;
            place += length;
        }
        return place;
    }

    /// <summary>Letters, digits and inner full stops before a mark, such as "Mr", "U.S" or "3.14".</summary>
    static ReadOnlySpan<byte> WordBefore(ReadOnlySpan<byte> line, int mark)
    {
        var start = mark;
        while (start > 0 && (char.IsAsciiLetterOrDigit((char)line[start - 1]) || line[start - 1] == '.' || line[start - 1] >= 0x80)) start--;
        return line[start..mark].TrimStart((byte)'.');
    }

    static bool IsOneLetter(ReadOnlySpan<byte> word) =>
        Rune.DecodeFromUtf8(word, out var rune, out var length) == OperationStatus.Done && length == word.Length && Rune.IsLetter(rune);

    static bool IsStarter(ReadOnlySpan<byte> text)
    {
        var length = text.IndexOfAnyExcept(Letters);
        return TryPack(length < 0 ? text : text[..length], out var packed) && Starters.Contains(packed);
    }

    static readonly SearchValues<byte> Letters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"u8);

    /// <summary>A short word in lower case as one number.</summary>
    static bool TryPack(ReadOnlySpan<byte> word, out ulong packed)
    {
        packed = 0;
        if (word.Length is 0 or > MaxAbbreviationBytes) return false;
        foreach (var letter in word) packed = (packed << 8) | (letter is >= (byte)'A' and <= (byte)'Z' ? (byte)(letter | 0x20) : letter);
        return true;
    }

    static FrozenSet<ulong> Words(string words) =>
        words.Split(' ').Select(word => TryPack(Encoding.ASCII.GetBytes(word), out var packed) ? packed : throw new ArgumentException(word)).ToFrozenSet();

    static IEnumerable<byte> FirstBytes(string marks) => marks.EnumerateRunes().Select(rune => Encoding.UTF8.GetBytes(rune.ToString())[0]).Distinct();
}
