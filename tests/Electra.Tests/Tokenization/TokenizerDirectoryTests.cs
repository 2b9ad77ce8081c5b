using System.Text.Json.Nodes;
using Electra.Tokenization;
using static Electra.Tests.Tokenization.TokenizationReference;

namespace Electra.Tests.Tokenization;

public sealed class TokenizerDirectoryTests
{
    const string Vocabulary = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n##b\n";

    static readonly SpecialTokenNames OtherNames = new("<cls>", "<sep>", "<pad>", "<mask>", "<unk>");

    [Theory]
    [InlineData(true, null, true, 100), InlineData(false, null, true, 100), InlineData(true, false, true, 100)]
    [InlineData(false, true, true, 100), InlineData(true, null, false, 100), InlineData(true, null, true, 200)]
    public void A_saved_word_piece_tokenizer_is_read_back_from_either_file(bool lowerCase, bool? stripAccents, bool isolateCjk, int maxWordCharacters)
    {
        using var folder = NewFolder();
        var config = new WordPieceConfig(lowerCase, stripAccents, isolateCjk, maxWordCharacters);
        var saved = new WordPieceTokenizer(new Vocabulary(Vocabulary.Split('\n', StringSplitOptions.RemoveEmptyEntries)), config);
        saved.Save(folder.Path);

        Assert.Equal(saved.Identity, TokenizerDirectory.Load(folder.Path).Identity);
        Assert.Equal(config, Assert.IsType<WordPieceTokenizer>(TokenizerDirectory.Load(folder.Path)).Config);
        Assert.Equal(saved.Identity, TokenizerDirectory.Load(Path.Combine(folder.Path, "vocab.txt")).Identity);

        File.Delete(Path.Combine(folder.Path, "tokenizer_config.json"));
        Assert.Equal(saved.Identity, TokenizerDirectory.Load(folder.Path).Identity);
    }

    [Theory]
    [InlineData(false), InlineData(true)]
    public void A_saved_byte_level_tokenizer_is_read_back_from_either_file(bool addPrefixSpace)
    {
        using var folder = NewFolder();
        var read = (ByteLevelBpeTokenizer)TokenizerDirectory.Load(DirectoryOf("roberta-base"));
        var saved = new ByteLevelBpeTokenizer(read.Vocabulary, read.Merges, new ByteLevelBpeConfig(addPrefixSpace));
        saved.Save(folder.Path);

        Assert.Equal(saved.Identity, TokenizerDirectory.Load(folder.Path).Identity);
        File.Delete(Path.Combine(folder.Path, "tokenizer.json"));
        Assert.Equal(saved.Identity, TokenizerDirectory.Load(folder.Path).Identity);
    }

    [Fact]
    public void Names_of_special_tokens_are_kept()
    {
        using var folder = NewFolder();
        var saved = new WordPieceTokenizer(new Vocabulary([.. OtherNames.All, "a"]), names: OtherNames);
        saved.Save(folder.Path);

        Assert.Equal(OtherNames, Assert.IsType<WordPieceTokenizer>(TokenizerDirectory.Load(folder.Path)).Names);
        Assert.Equal(saved.Identity, TokenizerDirectory.Load(Path.Combine(folder.Path, "vocab.txt")).Identity);
    }

    [Theory]
    [InlineData("bert-base-uncased"), InlineData("roberta-base")]
    public void Files_are_those_of_Hugging_Face(string name)
    {
        Assert.SkipUnless(Shared() is not null, "published files lie in ../shared");
        using var folder = NewFolder();
        var published = Path.Combine(Shared()!, "data/tokenizers", name);
        TokenizerDirectory.Load(DirectoryOf(name)).Save(folder.Path);

        foreach (var file in Directory.EnumerateFiles(DirectoryOf(name)).Where(file => !file.EndsWith(".json")))
            Assert.Equal(File.ReadAllText(file), File.ReadAllText(Path.Combine(folder.Path, Path.GetFileName(file))));
        var expected = Comparable(Path.Combine(published, "tokenizer.json"));
        var written = Comparable(Path.Combine(folder.Path, "tokenizer.json"));
        foreach (var part in expected) Assert.True(JsonNode.DeepEquals(part.Value, written[part.Key]), part.Key);
        Assert.Equal(expected.Count, written.Count);
    }

    [Theory]
    [InlineData("bert-base-uncased"), InlineData("roberta-base")]
    public void Published_tokenizer_json_gives_the_same_tokenizer_as_the_plain_files(string name)
    {
        Assert.SkipUnless(Shared() is not null, "published files lie in ../shared");

        Assert.Equal(
            TokenizerDirectory.Load(DirectoryOf(name)).Identity,
            TokenizerDirectory.Load(Path.Combine(Shared()!, "data/tokenizers", name)).Identity);
    }

    [Theory]
    [InlineData("bert-base-uncased", true), InlineData("bert-base-cased", false)]
    public void A_bare_vocabulary_with_capitals_is_cased(string name, bool lowerCase) =>
        Assert.Equal(lowerCase, Assert.IsType<WordPieceTokenizer>(TokenizerDirectory.Load(DirectoryOf(name))).Config.LowerCase);

    [Fact]
    public void Tokenizer_config_goes_before_tokenizer_json()
    {
        using var folder = NewFolder();
        new WordPieceTokenizer(new Vocabulary(Vocabulary.Split('\n', StringSplitOptions.RemoveEmptyEntries))).Save(folder.Path);
        folder.Write("tokenizer_config.json", """{"do_lower_case": false}""");

        Assert.False(Assert.IsType<WordPieceTokenizer>(TokenizerDirectory.Load(folder.Path)).Config.LowerCase);
    }

    [Fact]
    public void Names_may_be_objects_as_in_older_files()
    {
        using var folder = NewFolder();
        folder.Write("vocab.txt", "<pad>\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n");
        folder.Write("special_tokens_map.json", """{"pad_token": {"content": "<pad>", "lstrip": false}}""");

        Assert.Equal(0, TokenizerDirectory.Load(folder.Path).SpecialTokens.Padding);
    }

    [Fact]
    public void Lines_may_end_with_carriage_returns_and_a_byte_order_mark_is_skipped()
    {
        using var folder = NewFolder();
        folder.Write("vocab.txt", "\uFEFF" + Vocabulary.Replace("\n", "\r\n"));

        Assert.Equal(7, TokenizerDirectory.Load(folder.Path).Vocabulary.Count);
    }

    [Theory]
    [InlineData("[PAD]\n[UNK]\n[CLS]\na\n", "lacks [SEP], [MASK]")]
    [InlineData("one\ntwo\n", "lacks [PAD], [UNK], [CLS], [SEP], [MASK]")]
    [InlineData("", "the file is empty")]
    [InlineData("[PAD]\n\n[UNK]\n", "line 2 is empty")]
    [InlineData(Vocabulary + "a\n", "token 'a' stands twice, as id 5 and 7")]
    public void A_bad_vocabulary_is_one_line_that_says_why(string text, string reason)
    {
        using var folder = NewFolder();
        var path = folder.Write("vocab.txt", text);

        var error = Assert.Throws<InvalidDataException>(() => TokenizerDirectory.Load(folder.Path));

        Assert.StartsWith(path, error.Message);
        Assert.Contains(reason, error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Theory]
    [InlineData("", "the file is empty")]
    [InlineData("{", "no valid JSON")]
    [InlineData("[]", "a JSON object is expected")]
    [InlineData("""{"model": []}""", "model is Array")]
    [InlineData("""{"model": {"type": "Unigram", "vocab": []}}""", "the model is Unigram")]
    [InlineData("""{"model": {"type": "WordLevel", "vocab": {}}}""", "the model is WordLevel")]
    [InlineData("""{"model": {"vocab": [["a", 0.5]]}}""", "the model is Unigram")]
    [InlineData("""{"model": {"type": "WordPiece", "vocab": {}}, "normalizer": {"type": "NFC"}}""", "normalizer is NFC; only BertNormalizer")]
    [InlineData("""{"model": {"type": "BPE"}, "pre_tokenizer": {"type": "Metaspace"}}""", "pre_tokenizer is Metaspace; only ByteLevel")]
    [InlineData("""{"model": {"type": "BPE"}, "pre_tokenizer": {"type": "ByteLevel"}, "normalizer": {"type": "NFKC"}}""", "normalizer is NFKC; only none")]
    [InlineData("""{"model": {"type": "BPE", "vocab": {"a": 0, "b": 0}}, "pre_tokenizer": {"type": "ByteLevel"}}""", "id 0 belongs to 'a' and to 'b'")]
    [InlineData("""{"model": {"type": "BPE", "vocab": {"a": 7}}, "pre_tokenizer": {"type": "ByteLevel"}}""", "token 'a' has id 7")]
    [InlineData("""{"model": {"type": "BPE", "vocab": {"a": "x"}}, "pre_tokenizer": {"type": "ByteLevel"}}""", "the id of 'a' is x")]
    [InlineData("""{"model": {"type": "BPE", "vocab": {"a": 0}}, "pre_tokenizer": {"type": "ByteLevel"}}""", "model.merges is missing")]
    [InlineData("""{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": ["a"]}, "pre_tokenizer": {"type": "ByteLevel"}}""", "merge a is not two tokens")]
    [InlineData("""{"model": {"type": "BPE", "vocab": {"\ud800": 0}}, "pre_tokenizer": {"type": "ByteLevel"}}""", "no valid text")]
    public void A_bad_tokenizer_json_is_one_line_that_says_why(string json, string reason)
    {
        using var folder = NewFolder();
        var path = folder.Write("tokenizer.json", json);

        var error = Assert.Throws<InvalidDataException>(() => TokenizerDirectory.Load(folder.Path));

        Assert.StartsWith(path, error.Message);
        Assert.Contains(reason, error.Message);
    }

    [Fact]
    public void A_vocabulary_that_is_no_text_is_refused()
    {
        using var folder = NewFolder();
        File.WriteAllBytes(Path.Combine(folder.Path, "vocab.txt"), [0x50, 0x4B, 0x03, 0x04, 0xFF, 0xFE]);

        Assert.Contains("no UTF-8 text", Assert.Throws<InvalidDataException>(() => TokenizerDirectory.Load(folder.Path)).Message);
    }

    [Fact]
    public void A_setting_of_the_wrong_type_is_refused_by_name()
    {
        using var folder = NewFolder();
        folder.Write("vocab.txt", Vocabulary);
        folder.Write("tokenizer_config.json", """{"do_lower_case": "yes"}""");

        Assert.Contains("do_lower_case is yes", Assert.Throws<InvalidDataException>(() => TokenizerDirectory.Load(folder.Path)).Message);
    }

    [Fact]
    public void A_folder_without_a_tokenizer_says_what_is_needed()
    {
        using var folder = NewFolder();

        Assert.Contains("vocab.txt", Assert.Throws<FileNotFoundException>(() => TokenizerDirectory.Load(folder.Path)).Message);
        Assert.Throws<FileNotFoundException>(() => TokenizerDirectory.Load(Path.Combine(folder.Path, "nowhere")));
        folder.Write("vocab.json", "{}");
        Assert.Contains("merges.txt", Assert.Throws<FileNotFoundException>(() => TokenizerDirectory.Load(folder.Path)).Message);
    }

    /// <summary>tokenizer.json without what older files leave out, and without a flag that is idle where there is no normaliser.</summary>
    static JsonObject Comparable(string path)
    {
        var json = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        json["model"]!.AsObject().Remove("type");
        foreach (var token in json["added_tokens"]!.AsArray()) token!.AsObject().Remove("normalized");
        return json;
    }
}
