using System.Text;
using System.Text.RegularExpressions;
using CsCheck;
using Electra.Tokenization;
using static Electra.Tests.Tokenization.TokenizationReference;

namespace Electra.Tests.Tokenization;

public sealed partial class ByteLevelBpeTests
{
    static readonly Lazy<ByteLevelBpeTokenizer> Roberta = new(() => (ByteLevelBpeTokenizer)TokenizerDirectory.Load(DirectoryOf("roberta-base")));

    static readonly Lazy<Dictionary<(string, string), int>> Ranks = new(() =>
        Roberta.Value.Merges.Select((merge, rank) => (merge, rank)).ToDictionary(entry => entry.merge, entry => entry.rank));

    [GeneratedRegex(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+")]
    private static partial Regex Gpt2();

    [Fact]
    public void Stored_texts_give_the_published_ids()
    {
        var examples = Read(Path.Combine(Folder, "roberta-base.jsonl"), SpecialTokenNames.Roberta);

        Assert.Equal(377, examples.Count);
        Assert.All(examples, example => Assert.Equal(example.Ids, Roberta.Value.Encode(example.Text)));
    }

    [Fact]
    public void All_shared_texts_give_the_published_ids()
    {
        Assert.SkipUnless(Shared() is not null, "the full set of texts lies in ../shared");
        var examples = Read(Path.Combine(Shared()!, "goldens/tokenization/roberta-base.jsonl"), SpecialTokenNames.Roberta);

        Assert.Equal(828, examples.Count);
        Assert.All(examples, example =>
        {
            Assert.Equal(example.Ids, Roberta.Value.Encode(example.Text));
            Assert.Equal(example.Ids, Roberta.Value.EncodeWithOffsets(example.Text).Ids);
        });
    }

    [Fact]
    public void The_splitter_equals_the_regular_expression() =>
        TokenizationReference.Text.Sample(text =>
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            var parts = new List<string>();
            for (var position = 0; position < bytes.Length;)
            {
                var end = Gpt2Splitter.End(bytes, position);
                parts.Add(string.Concat(Encoding.UTF8.GetString(bytes[position..end]).EnumerateRunes().Select(InBmp)));
                position = end;
            }
            var expected = Gpt2().Matches(string.Concat(Encoding.UTF8.GetString(bytes).EnumerateRunes().Select(InBmp))).Select(match => match.Value);
            Assert.Equal(expected, parts);
        }, iter: 4_000);

    [Fact]
    public void The_fast_path_equals_merging_every_part_of_random_text() =>
        TokenizationReference.Text.Sample(text => Assert.Equal(Roberta.Value.EncodeWithOffsets(text).Ids, Roberta.Value.Encode(text)), iter: 2_000);

    [Fact]
    public void A_long_word_is_merged_as_the_plain_rule_says() =>
        Gen.OneOf("a", "b", "the", "ing", "é", "=", "-").Array[40, 120].Sample(pieces =>
        {
            var word = string.Concat(pieces).Replace("=", "").Replace("-", "");
            Assert.Equal(MergePlainly(word), Roberta.Value.Tokens(word));
        }, iter: 100);

    [Fact]
    public void A_megabyte_without_a_space_is_encoded_within_seconds()
    {
        var ids = Roberta.Value.Encode(new string('=', 1 << 20));

        Assert.Equal(new string('=', 1 << 20), Roberta.Value.Decode(ids));
    }

    [Fact]
    public void Decoding_gives_the_text_back() =>
        TokenizationReference.Text.Sample(text =>
        {
            var valid = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
            Assert.Equal(valid, Roberta.Value.Decode([0, .. Roberta.Value.Encode(text), 2]));
        }, iter: 1_000);

    [Fact]
    public void Bad_bytes_are_replacement_characters() =>
        Assert.Equal(Roberta.Value.Encode("a\uFFFDb"), Roberta.Value.EncodeBytes([(byte)'a', 0xFF, (byte)'b']));

    [Fact]
    public void A_prefix_space_makes_the_first_word_like_the_others()
    {
        var prefixing = new ByteLevelBpeTokenizer(Roberta.Value.Vocabulary, Roberta.Value.Merges, new ByteLevelBpeConfig(AddPrefixSpace: true));

        Assert.Equal(["Hello", "Ġworld"], Roberta.Value.Tokens("Hello world"));
        Assert.Equal(["ĠHello", "Ġworld"], prefixing.Tokens("Hello world"));
        Assert.Equal(["ĠHello"], prefixing.Tokens(" Hello"));
        Assert.Empty(prefixing.Tokens(""));
        Assert.Equal([(0, 5), (6, 11)], prefixing.EncodeWithOffsets("Hello world").Offsets);
        Assert.NotEqual(Roberta.Value.Identity, prefixing.Identity);
    }

    [Fact]
    public void Offsets_leave_spaces_out_and_take_characters_whole()
    {
        const string Text = "Say  naïve 😀!";
        var encoded = Roberta.Value.EncodeWithOffsets(Text);

        Assert.Equal(["Say", "Ġ", "ĠnaÃ¯ve", "ĠðŁĺ", "Ģ", "!"], encoded.Ids.Select(id => Roberta.Value.Vocabulary[id]));
        Assert.Equal(["Say", "", "naïve", "😀", "😀", "!"], encoded.Offsets.Select(place => Text[place.Start..place.End]));
    }

    [Fact]
    public void A_space_starts_a_word()
    {
        var ids = Roberta.Value.Encode("word unaffable");

        Assert.Equal(["word", "Ġunaff", "able"], ids.Select(id => Roberta.Value.Vocabulary[id]));
        Assert.Equal([false, true, false], ids.Select(Roberta.Value.StartsWord));
    }

    [Fact]
    public void A_merge_of_unknown_tokens_is_refused()
    {
        var error = Assert.Throws<InvalidDataException>(() => new ByteLevelBpeTokenizer(Roberta.Value.Vocabulary, [("x", "nothere")]));

        Assert.Contains("'nothere'", error.Message);
    }

    /// <summary>.NET's regular expressions see halves of characters beyond U+FFFF: another character of the same class stands in.</summary>
    static string InBmp(Rune character) => character.IsBmp ? character.ToString()
        : Rune.IsLetter(character) ? "é"
        : Rune.IsNumber(character) ? "½"
        : "€";

    /// <summary>The rule as published: find the pair learnt first, join it wherever it stands, repeat.</summary>
    static List<string> MergePlainly(string word)
    {
        var ranks = Ranks.Value;
        var pieces = Encoding.UTF8.GetBytes(word).Select(value => ByteAlphabet.CharacterOf(value).ToString()).ToList();
        while (true)
        {
            var pairs = pieces.Zip(pieces.Skip(1)).Where(ranks.ContainsKey).ToList();
            if (pairs.Count == 0) return pieces;
            var best = pairs.MinBy(pair => ranks[pair]);
            for (var i = 0; i + 1 < pieces.Count; i++)
            {
                if ((pieces[i], pieces[i + 1]) != best) continue;
                pieces[i] += pieces[i + 1];
                pieces.RemoveAt(i + 1);
            }
        }
    }
}
