using System.Globalization;
using System.Text;

namespace Electra.Evaluation;

/// <summary>How SQuAD compares two answers: lower case, without ASCII punctuation and articles, words apart by one blank.</summary>
public static class SquadAnswer
{
    /// <summary>The normal form in which answers are compared (the official scripts' normalize_answer).</summary>
    public static string Normalize(string answer) => string.Join(' ', Tokens(answer));

    /// <summary>True if both have the same normal form.</summary>
    public static bool IsExactMatch(string gold, string predicted) => Normalize(gold) == Normalize(predicted);

    /// <summary>Harmonic mean of word precision and recall, words counted as often as they stand; 0 without a common word.</summary>
    public static double F1(string gold, string predicted)
    {
        var left = Tokens(gold);
        var found = Tokens(predicted);
        int numGold = left.Count, common = found.Count(left.Remove);
        return new PrecisionRecall(common, found.Count, numGold).F1;
    }

    /// <summary>The words of the normal form; none for an answer that is empty, or all articles and punctuation.</summary>
    internal static List<string> Tokens(string answer)
    {
        var text = new StringBuilder(answer.Length);
        foreach (var letter in Lower(answer))
            if (!(char.IsAscii(letter) && (char.IsPunctuation(letter) || char.IsSymbol(letter)))) text.Append(letter);
        return Words(WithoutArticles(text.ToString()));
    }

    /// <summary>
    /// Python's str.lower: beside the plain mapping of letters, a capital dotted I becomes two characters, and a sigma that ends its
    /// word its final form.
    /// </summary>
    static string Lower(string text)
    {
        var lower = text.ToLowerInvariant().Replace("\u0130", "i\u0307", StringComparison.Ordinal);
        if (!text.Contains('\u03A3')) return lower;

        var letters = text.Replace("\u0130", "i\u0307", StringComparison.Ordinal);
        var result = new StringBuilder(lower);
        for (var i = 0; i < letters.Length; i++)
            if (letters[i] == '\u03A3' && i > 0 && char.IsLetter(letters[i - 1]) && !(i + 1 < letters.Length && char.IsLetter(letters[i + 1])))
                result[i] = '\u03C2';
        return result.ToString();
    }

    /// <summary>Replaces "a", "an" and "the" between word boundaries by a blank; boundaries as Python's \b sees them.</summary>
    static string WithoutArticles(string text)
    {
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length;)
        {
            var length = 0;
            while (i + length < text.Length && IsWordCharacter(text, i + length)) length++;
            if (length == 0)
            {
                result.Append(text[i++]);
                continue;
            }
            var word = text.AsSpan(i, length);
            if (word is "a" or "an" or "the") result.Append(' ');
            else result.Append(word);
            i += length;
        }
        return result.ToString();
    }

    static bool IsWordCharacter(string text, int index)
    {
        // Letters and numbers beyond the first plane come as two surrogates; both halves belong to the word.
        var at = char.IsLowSurrogate(text[index]) && index > 0 && char.IsHighSurrogate(text[index - 1]) ? index - 1 : index;
        return text[index] == '_' || CharUnicodeInfo.GetUnicodeCategory(text, at) is
            UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
            or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter or UnicodeCategory.DecimalDigitNumber
            or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;
    }

    static List<string> Words(string text)
    {
        var words = new List<string>();
        for (var i = 0; i < text.Length;)
        {
            var start = i;
            while (i < text.Length && !IsBlank(text[i])) i++;
            if (i > start) words.Add(text[start..i]);
            i++;
        }
        return words;
    }

    /// <summary>Python's str.isspace: what .NET calls white space, and the four separators of ASCII.</summary>
    static bool IsBlank(char letter) => char.IsWhiteSpace(letter) || letter is >= '\x1c' and <= '\x1f';
}
