using System.Globalization;
using System.Text;

namespace Electra.Tokenization;

/// <summary>The character classes of BERT's basic tokenizer (google-research/bert, tokenization.py), and its two changes to a character.</summary>
/// <remarks>Categories come from .NET's own tables, decompositions from <see cref="AccentTable"/>: no ICU is needed.</remarks>
static class BertCharacters
{
    const int HangulFirst = 0xAC00, HangulLast = 0xD7A3;
    const int LeadingJamo = 0x1100, VowelJamo = 0x1161, TrailingJamo = 0x11A7; // Unicode 3.12
    const int NumVowels = 21, NumTrailing = 28;

    static readonly Lazy<Dictionary<int, string>> Bare = new(() =>
        AccentTable.Groups.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToDictionary(
            group => char.ConvertToUtf32(group, 0),
            group => group[(char.IsSurrogate(group[0]) ? 2 : 1)..]));

    /// <summary>White space: the four of ASCII text, space separators, and the two separators that Python's split also takes.</summary>
    public static bool IsSpace(int codePoint) => codePoint is ' ' or '\t' or '\n' or '\r'
        || codePoint > 0x7F && CharUnicodeInfo.GetUnicodeCategory(codePoint)
            is UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    /// <summary>True for what cleaning deletes: control, format, private, unassigned and replacement characters.</summary>
    public static bool IsDeleted(int codePoint) => codePoint == 0xFFFD || !IsSpace(codePoint)
        && CharUnicodeInfo.GetUnicodeCategory(codePoint) is >= UnicodeCategory.Control and <= UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned;

    /// <summary>True for ASCII signs that are no letter or digit, and for Unicode's punctuation.</summary>
    public static bool IsPunctuation(int codePoint) => codePoint <= 0x7F
        ? codePoint is > ' ' and < 0x7F && !char.IsAsciiLetterOrDigit((char)codePoint)
        : CharUnicodeInfo.GetUnicodeCategory(codePoint) is >= UnicodeCategory.ConnectorPunctuation and <= UnicodeCategory.OtherPunctuation;

    /// <summary>True for CJK ideographs, not for kana or Hangul, which are written with spaces or in words.</summary>
    public static bool IsCjk(int codePoint) => codePoint
        is >= 0x4E00 and <= 0x9FFF or >= 0x3400 and <= 0x4DBF or >= 0xF900 and <= 0xFAFF
        or >= 0x20000 and <= 0x2A6DF or >= 0x2A700 and <= 0x2B73F or >= 0x2B740 and <= 0x2B81F
        or >= 0x2B820 and <= 0x2CEAF or >= 0x2F800 and <= 0x2FA1F;

    /// <summary>A character in lower case, taken alone: a final sigma is not told apart, as in Hugging Face.</summary>
    public static string ToLower(Rune character) => character.Value == 'İ' ? "i\u0307" : Rune.ToLowerInvariant(character).ToString();

    /// <summary>A character's canonical decomposition without non-spacing marks.</summary>
    /// <remarks>Canonical reordering is left out: marks are what it reorders, but for twelve spacing ones that do not meet in one word.</remarks>
    public static string StripAccents(Rune character)
    {
        if (Rune.GetUnicodeCategory(character) == UnicodeCategory.NonSpacingMark) return "";
        if (character.Value is >= HangulFirst and <= HangulLast) return SplitHangul(character.Value - HangulFirst);
        return Bare.Value.TryGetValue(character.Value, out var bare) ? bare : character.ToString();
    }

    static string SplitHangul(int syllable)
    {
        var leading = (char)(LeadingJamo + syllable / (NumVowels * NumTrailing));
        var vowel = (char)(VowelJamo + syllable / NumTrailing % NumVowels);
        var trailing = syllable % NumTrailing;
        return trailing == 0 ? $"{leading}{vowel}" : $"{leading}{vowel}{(char)(TrailingJamo + trailing)}";
    }
}
