using System.Text;

namespace Electra.Tokenization;

/// <summary>What a code point does to the word being read.</summary>
enum CharacterRole : byte
{
    /// <summary>Its folded form, which may be empty, continues the word.</summary>
    Text,

    /// <summary>It ends the word and stands for nothing.</summary>
    Space,

    /// <summary>It ends the word, and its folded form is a word of its own: punctuation and ideographs.</summary>
    Alone,
}

/// <summary>The role of every code point and its folded form in UTF-8, worked out in pages of 256 when first met.</summary>
sealed class CharacterFolding(WordPieceConfig config)
{
    const int PageSize = 256;

    readonly Page?[] _pages = new Page[0x110000 / PageSize];

    /// <summary>The role of <paramref name="codePoint"/>; <paramref name="folded"/> is its cleaned, lower-cased and bared form.</summary>
    /// <param name="folded">UTF-8, empty for white space and for what is deleted.</param>
    /// <param name="characters">Code points in <paramref name="folded"/>.</param>
    public CharacterRole Fold(int codePoint, out ReadOnlySpan<byte> folded, out int characters)
    {
        // Two threads may build the same page; both are equal and either may stay.
        var page = _pages[codePoint / PageSize] ??= new Page(codePoint / PageSize * PageSize, config);
        var index = codePoint % PageSize;
        folded = page.Text.AsSpan(page.Starts[index]..page.Starts[index + 1]);
        characters = page.Characters[index];
        return page.Roles[index];
    }

    sealed class Page
    {
        public readonly CharacterRole[] Roles = new CharacterRole[PageSize];
        public readonly byte[] Characters = new byte[PageSize];
        public readonly int[] Starts = new int[PageSize + 1];
        public readonly byte[] Text;

        public Page(int first, WordPieceConfig config)
        {
            var text = new List<byte>();
            for (var index = 0; index < PageSize; index++)
            {
                Starts[index] = text.Count;
                if (!Rune.TryCreate(first + index, out var character) || BertCharacters.IsDeleted(character.Value)) continue;
                if (BertCharacters.IsSpace(character.Value))
                {
                    Roles[index] = CharacterRole.Space;
                    continue;
                }
                var folded = config.LowerCase ? BertCharacters.ToLower(character) : character.ToString();
                if (config.StripsAccents) folded = string.Concat(folded.EnumerateRunes().Select(BertCharacters.StripAccents));
                text.AddRange(Encoding.UTF8.GetBytes(folded));
                Characters[index] = (byte)folded.EnumerateRunes().Count();

                // Punctuation is looked for in the folded form: U+037E, the Greek question mark, folds to a semicolon.
                if (folded.EnumerateRunes().Any(rune => BertCharacters.IsPunctuation(rune.Value))
                    || config.IsolateCjk && BertCharacters.IsCjk(character.Value)) Roles[index] = CharacterRole.Alone;
            }
            Starts[PageSize] = text.Count;
            Text = [.. text];
        }
    }
}
