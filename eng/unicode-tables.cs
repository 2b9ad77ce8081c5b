// Writes src/Electra/Tokenization/AccentTable.cs: what is left of each character when accents are stripped.
// The program itself runs without ICU, which alone knows decompositions; this needs ICU on the machine:
//   dotnet run eng/unicode-tables.cs > src/Electra/Tokenization/AccentTable.cs
#:property InvariantGlobalization=false
#:property PublishAot=false

using System.Globalization;
using System.Text;

const int HangulFirst = 0xAC00, HangulLast = 0xD7A3, LineWidth = 120;

var entries = new List<string>();
for (var codePoint = 0x80; codePoint <= 0x10FFFF; codePoint++)
{
    if (codePoint is (>= 0xD800 and <= 0xDFFF) or (>= HangulFirst and <= HangulLast)) continue;
    if (CharUnicodeInfo.GetUnicodeCategory(codePoint) is UnicodeCategory.NonSpacingMark or UnicodeCategory.OtherNotAssigned) continue;

    var character = char.ConvertFromUtf32(codePoint);
    var bare = string.Concat(character.Normalize(NormalizationForm.FormD).EnumerateRunes()
        .Where(rune => Rune.GetUnicodeCategory(rune) != UnicodeCategory.NonSpacingMark));
    if (bare != character) entries.Add(Escape(character) + Escape(bare) + " ");
}

Console.WriteLine("""
    namespace Electra.Tokenization;

    /// <summary>Canonical decompositions without their non-spacing marks. Made by eng/unicode-tables.cs; do not edit.</summary>
    static class AccentTable
    {
        /// <summary>Groups "character, what is left of it" with a space after each. Hangul is left to arithmetic.</summary>
        public const string Groups =
    """);
var line = new StringBuilder();
foreach (var entry in entries)
{
    if (line.Length + entry.Length > LineWidth)
    {
        Console.WriteLine($"        \"{line}\" +");
        line.Clear();
    }
    line.Append(entry);
}
Console.WriteLine($"        \"{line}\";\n}}");

static string Escape(string text) => string.Concat(text.Select(unit => unit < 0x80 ? $"{unit}" : $"\\u{(int)unit:X4}"));
