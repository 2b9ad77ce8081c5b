using System.Globalization;
using System.Text;
using CsCheck;
using Electra.Corpus;
using Electra.Tokenization;
using static Electra.Tests.Tokenization.TokenizationReference;

namespace Electra.Tests.Tokenization;

public sealed class WordPieceTests
{
    static readonly Lazy<WordPieceTokenizer> Uncased = new(() => (WordPieceTokenizer)TokenizerDirectory.Load(DirectoryOf("bert-base-uncased")));
    static readonly Lazy<WordPieceTokenizer> Cased = new(() => (WordPieceTokenizer)TokenizerDirectory.Load(DirectoryOf("bert-base-cased")));

    static WordPieceTokenizer Tokenizer(string name) => name == "bert-base-cased" ? Cased.Value : Uncased.Value;

    [Theory]
    [InlineData("bert-base-uncased"), InlineData("bert-base-cased")]
    public void Stored_texts_give_the_published_ids(string name)
    {
        var examples = Read(Path.Combine(Folder, $"{name}.jsonl"), SpecialTokenNames.Bert);

        Assert.Equal(377, examples.Count);
        Assert.All(examples, example => Assert.Equal(example.Ids, Tokenizer(name).Encode(example.Text)));
    }

    [Theory]
    [InlineData("bert-base-uncased"), InlineData("bert-base-cased")]
    public void All_shared_texts_give_the_published_ids_and_tokens(string name)
    {
        Assert.SkipUnless(Shared() is not null, "the full set of texts lies in ../shared");
        var examples = Read(Path.Combine(Shared()!, $"goldens/tokenization/{name}.jsonl"), SpecialTokenNames.Bert);
        var plain = new PlainWordPiece(Tokenizer(name).Vocabulary, Tokenizer(name).Config);

        Assert.Equal(828, examples.Count);
        Assert.All(examples, example =>
        {
            Assert.Equal(example.Ids, Tokenizer(name).Encode(example.Text));
            Assert.Equal(example.Ids, Tokenizer(name).EncodeWithOffsets(example.Text).Ids);
            Assert.Equal(example.Tokens, plain.Tokenize(example.Text));
        });
    }

    [Theory]
    [InlineData(true, null, true, 100), InlineData(false, null, true, 100), InlineData(true, false, true, 100)]
    [InlineData(false, true, true, 200), InlineData(true, null, false, 100), InlineData(true, null, true, 6), InlineData(true, null, true, 2)]
    public void The_fast_path_equals_the_plain_one_on_random_text(bool lowerCase, bool? stripAccents, bool isolateCjk, int maxWordCharacters)
    {
        var config = new WordPieceConfig(lowerCase, stripAccents, isolateCjk, maxWordCharacters);
        var fast = new WordPieceTokenizer(Uncased.Value.Vocabulary, config);
        var plain = new PlainWordPiece(fast.Vocabulary, config);

        TokenizationReference.Text.Sample(text =>
        {
            Assert.Equal(plain.Tokenize(text), fast.Tokens(text));
            Assert.Equal(fast.Encode(text), fast.EncodeWithOffsets(text).Ids);
        }, iter: 500);
    }

    [Theory]
    [InlineData(100), InlineData(4)]
    public void The_fast_path_equals_the_plain_one_on_long_lines_of_words_and_signs(int maxWordCharacters)
    {
        // More than are looked up at once, interrupted where the fast reader gives up.
        string[] parts = ["the", " the ", "Unaffable", "xqzjk", ",", ", ", " ", "  ", "(", ").", "'s", "42nd", "\t", "é", "—", "。", "\u0001", "Pneumonoultramicroscopic"];
        var fast = new WordPieceTokenizer(Uncased.Value.Vocabulary, new WordPieceConfig(MaxWordCharacters: maxWordCharacters));
        var plain = new PlainWordPiece(fast.Vocabulary, fast.Config);

        Gen.Int[0, parts.Length - 1].Array[0, 200].Select(places => string.Concat(places.Select(place => parts[place]))).Sample(text => Assert.Equal(plain.Tokenize(text), fast.Tokens(text)), iter: 300);
    }

    [Fact]
    public void The_fast_path_equals_the_plain_one_on_real_text()
    {
        Assert.SkipUnless(Shared() is not null, "the corpus lies in ../shared");
        var plain = new PlainWordPiece(Uncased.Value.Vocabulary, Uncased.Value.Config);

        foreach (var line in TextInput.ReadLines([Path.Combine(Shared()!, "data/corpus/wikipedia/valid.txt.gz")], new ReadingReport()).Take(500))
        {
            var text = Encoding.UTF8.GetString(line.Span);
            Assert.Equal(plain.Tokenize(text), Uncased.Value.EncodeBytes(line.Span).Select(id => Uncased.Value.Vocabulary[id]));
        }
    }

    [Theory]
    [InlineData(1), InlineData(14), InlineData(15), InlineData(16), InlineData(17), InlineData(31), InlineData(32), InlineData(33)]
    public void Words_of_any_length_are_split_alike_wherever_they_stand(int length)
    {
        var plain = new PlainWordPiece(Uncased.Value.Vocabulary, Uncased.Value.Config);
        var word = string.Concat(Enumerable.Repeat("Unaffable", 4))[..length];

        foreach (var text in (string[])[word, $"{word} x", $"x {word}", $"{word},{word}", $"{word}é", $"{word}\u0001{word}", $"\t{word}。"])
            Assert.Equal(plain.Tokenize(text), Uncased.Value.Tokens(text));
    }

    [Fact]
    public void A_word_remembered_gives_the_same_ids_again()
    {
        const string Text = "Antidisestablishmentarianism is unaffable, xqzjk's gobbledygook isn't; is Antidisestablishmentarianism?";
        var first = Uncased.Value.Encode(Text);

        for (var i = 0; i < 3; i++) Assert.Equal(first, Uncased.Value.Encode(Text));
    }

    [Fact]
    public void Many_threads_share_one_tokenizer()
    {
        var texts = Read(Path.Combine(Folder, "bert-base-uncased.jsonl"), SpecialTokenNames.Bert);

        Parallel.For(0, 8 * texts.Count, new ParallelOptions { MaxDegreeOfParallelism = 8 }, index =>
        {
            var example = texts[index % texts.Count];
            Assert.Equal(example.Ids, Uncased.Value.Encode(example.Text));
        });
    }

    [Fact]
    public void Bad_bytes_are_deleted_like_replacement_characters()
    {
        Assert.Equal(Uncased.Value.Encode("hello"), Uncased.Value.EncodeBytes([(byte)'h', (byte)'e', 0xFF, (byte)'l', (byte)'l', 0xE4, 0xB8, (byte)'o']));
        Assert.Equal(Uncased.Value.Encode("hello"), Uncased.Value.Encode("he\uD800llo"));
    }

    [Theory]
    [InlineData(100, false), InlineData(101, true)]
    public void Words_over_100_characters_are_unknown(int length, bool isUnknown)
    {
        var ids = Uncased.Value.Encode(new string('é', length));

        Assert.Equal(isUnknown, ids is [var id] && id == Uncased.Value.SpecialTokens.Unknown);
    }

    [Fact]
    public void A_word_cut_for_its_length_is_not_taken_for_the_shorter_one()
    {
        var tokenizer = new WordPieceTokenizer(new Vocabulary([.. SpecialTokenNames.Bert.All, "𐐨𐐨"]), new WordPieceConfig(MaxWordCharacters: 2));

        Assert.Equal(["[UNK]", "𐐨𐐨"], tokenizer.Tokens("𐐨𐐨𐐨 𐐨𐐨"));
    }

    [Fact]
    public void The_limit_of_google_research_is_200_characters()
    {
        var tokenizer = new WordPieceTokenizer(Uncased.Value.Vocabulary, new WordPieceConfig(MaxWordCharacters: 200));

        Assert.NotEqual([tokenizer.SpecialTokens.Unknown], tokenizer.Encode(new string('a', 200)));
        Assert.Equal([tokenizer.SpecialTokens.Unknown], tokenizer.Encode(new string('a', 201)));
    }

    [Fact]
    public void Special_tokens_in_the_text_are_text() =>
        Assert.Equal(["[", "mask", "]", "[", "sep", "]"], Uncased.Value.Tokens("[MASK][SEP]"));

    [Fact]
    public void A_sigma_is_lower_cased_alone_as_in_Hugging_Face() =>
        Assert.Equal("σσ", Uncased.Value.Decode(Uncased.Value.Encode("ΣΣ")));

    [Fact]
    public void Offsets_are_code_units_of_the_original_text()
    {
        //                  0         1          2
        //                  0123456789012 345678 9 0123
        const string Text = "Naïve 😀 Zu\u0308rich\u200B \u00BFunaffable?";
        var encoded = Uncased.Value.EncodeWithOffsets(Text);

        Assert.Equal(["naive", "[UNK]", "zurich", "¿", "una", "##ffa", "##ble", "?"], encoded.Ids.Select(id => Uncased.Value.Vocabulary[id]));
        Assert.Equal(
            ["Naïve", "😀", "Zu\u0308rich", "\u00BF", "una", "ffa", "ble", "?"],
            encoded.Offsets.Select(place => Text[place.Start..place.End]));
    }

    [Fact]
    public void Offsets_grow_and_stay_inside_random_text() =>
        TokenizationReference.Text.Sample(text =>
        {
            var end = 0;
            foreach (var place in Uncased.Value.EncodeWithOffsets(text).Offsets)
            {
                // Jamo of one syllable have its place in common.
                Assert.True(place.Start >= end || char.GetUnicodeCategory(text, place.Start) == UnicodeCategory.OtherLetter || place.End == end, text);
                Assert.InRange(place.End, place.Start + 1, text.Length);
                end = place.End;
            }
        }, iter: 1_000);

    [Fact]
    public void Decoding_joins_pieces_and_tidies_signs()
    {
        int[] ids = [101, .. Uncased.Value.Encode("He said: \"It's unaffable, isn't it?\""), 102];

        Assert.Equal("he said : \" it's unaffable, isn't it? \"", Uncased.Value.Decode(ids));
    }

    [Fact]
    public void Continuation_pieces_do_not_start_a_word()
    {
        var ids = Uncased.Value.Encode("unaffable #");

        Assert.Equal([true, false, false, true], ids.Select(Uncased.Value.StartsWord));
    }

    [Fact]
    public void No_folded_character_mixes_punctuation_with_anything_else()
    {
        var folding = new CharacterFolding(new WordPieceConfig());
        for (var codePoint = 0; codePoint <= 0x10FFFF; codePoint++)
        {
            if (!Rune.IsValid(codePoint)) continue;
            folding.Fold(codePoint, out var folded, out var characters);
            Assert.InRange(folded.Length, 0, 12);
            Assert.True(characters <= 1 || !Encoding.UTF8.GetString(folded).EnumerateRunes().Any(rune => BertCharacters.IsPunctuation(rune.Value)));
        }
    }

    [Fact]
    public void Identity_tells_settings_apart()
    {
        string[] identities =
        [
            .. ((WordPieceConfig[])[new(), new(LowerCase: false), new(StripAccents: false), new(IsolateCjk: false), new(MaxWordCharacters: 200)])
                .Select(config => new WordPieceTokenizer(Uncased.Value.Vocabulary, config).Identity),
            Cased.Value.Identity,
        ];

        Assert.Equal(identities.Length, identities.Distinct().Count());
        Assert.Equal(identities[0], new WordPieceTokenizer(Uncased.Value.Vocabulary, new WordPieceConfig(StripAccents: true)).Identity);
    }

    [Fact]
    public void A_vocabulary_without_a_special_token_is_refused_by_its_name()
    {
        var error = Assert.Throws<InvalidDataException>(() => new WordPieceTokenizer(new Vocabulary(["[PAD]", "[UNK]", "[CLS]", "[MASK]", "a"])));

        Assert.Contains("lacks [SEP],", error.Message);
    }
}
