using System.Text;
using Electra.Corpus;
using Electra.Files;
using Electra.Tests.Evaluation;

namespace Electra.Tests.Corpus;

public sealed class TokenizedDatasetTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    string Output => _folder["dataset"];

    [Fact]
    public void Every_document_lands_whole_on_one_side()
    {
        var documents = Enumerable.Range(0, 300).Select(i => string.Concat($"{i}", ". ab cd! ", new string('x', i))).ToList();
        _folder.Write("a.txt", string.Join("\n\n", documents[..100]));
        _folder.Write("b.jsonl", string.Join('\n', documents[100..].Select(text => $$"""{"text": "{{text}}"}""")));

        var manifest = LetterTokenizer.Build(_folder.Path, Output);

        using var dataset = TokenizedDataset.Open(Output);
        var stored = $"{LetterTokenizer.TextOf(dataset.Training)}/{LetterTokenizer.TextOf(dataset.Validation)}".Split('/');
        Assert.Equal(documents.Select(text => text.Replace(" ", "")).Order(StringComparer.Ordinal), stored.Order(StringComparer.Ordinal));
        Assert.Equal((300, 300), (manifest.Training.Documents + manifest.Validation.Documents, stored.Length));
        Assert.InRange(dataset.Validation.NumTokens, manifest.Training.Tokens / 10, manifest.Training.Tokens / 5);
        Assert.Empty(dataset.Verify());
    }

    [Fact]
    public void The_bytes_do_not_depend_on_the_number_of_workers()
    {
        WriteRandomText(numFiles: 6, numBytes: 700_000);

        var manifests = new[] { 1, 2, 5 }.Select(workers => LetterTokenizer.Build(_folder["input"], _folder[$"dataset{workers}"], new DatasetOptions(NumWorkers: workers))).ToList();

        Assert.All(manifests, manifest => Assert.Equal(manifests[0].ToJson(), manifest.ToJson()));
        Assert.True(manifests[0].Training.Blocks > 20);
    }

    [Fact]
    public void Another_seed_holds_out_other_documents()
    {
        WriteRandomText(numFiles: 1, numBytes: 300_000);

        var checksums = new[] { 1UL, 2UL }.Select(seed => LetterTokenizer.Build(_folder["input"], _folder[$"dataset{seed}"], new DatasetOptions(Seed: seed)).Validation.Files[0].Checksum);

        Assert.Equal(2, checksums.Distinct().Count());
    }

    [Fact]
    public void A_document_that_fits_a_block_is_not_divided_and_a_longer_one_is_at_a_sentence()
    {
        // 40,000 letters fill more than half a block; 500 sentences of 400 letters and a full stop fill three blocks and a bit.
        var longest = string.Join(' ', Enumerable.Repeat($"A{new string('b', 399)}.", 500));
        var text = string.Concat(Enumerable.Range(0, 5).Select(i => $"{i}{LetterTokenizer.Letters(40_000)}\n\n")) + $"{longest}\n";
        _folder.Write("a.txt", text);
        _folder.Write("held.txt", "held out");

        LetterTokenizer.Build(_folder["a.txt"], Output, new DatasetOptions(ValidationInputs: [_folder["held.txt"]]));

        using var dataset = TokenizedDataset.Open(Output);
        var layouts = Enumerable.Range(0, dataset.Training.NumBlocks).Select(dataset.Training.ReadLayout).ToList();
        Assert.Equal([40_001, 40_001, 40_001, 40_001], layouts[..4].Select(layout => layout.NumTokens));
        Assert.All(layouts[4..^1], layout => Assert.InRange(layout.NumTokens, (1 << 16) - 401, 1 << 16));
        Assert.Equal([(4, 5), (5, 5), (5, 5), (5, 5)], layouts[4..].Select(layout => (layout.NumberInSplit(0), layout.NumberInSplit(layout.NumDocuments - 1))));
        Assert.Equal(text.Replace("\n\n", "/").Replace("\n", "").Replace(" ", "").ToLowerInvariant(), LetterTokenizer.TextOf(dataset.Training));
    }

    [Fact]
    public void A_document_longer_than_any_batch_is_one_document()
    {
        var text = new StringBuilder();
        for (var i = 0; text.Length < 6_000_000; i++) text.Append($"sentence number {i}. And another one!\n");
        _folder.Write("a.txt", $"first document\n\n{text}\nlast document");

        var manifest = LetterTokenizer.Build(_folder.Path, Output);

        using var dataset = TokenizedDataset.Open(Output);
        var stored = $"{LetterTokenizer.TextOf(dataset.Training)}/{LetterTokenizer.TextOf(dataset.Validation)}".Split('/');
        Assert.Equal(3, manifest.Training.Documents + manifest.Validation.Documents);
        Assert.Contains(text.ToString().Replace(" ", "").Replace("\n", "").ToLowerInvariant(), stored);
    }

    [Fact]
    public void Lines_are_sentences_where_that_is_asked()
    {
        _folder.Write("a.txt", "One. Two.\nThree.\n\nFour. Five.");

        var split = LetterTokenizer.Build(_folder["a.txt"], _folder["split"]);
        var line = LetterTokenizer.Build(_folder["a.txt"], _folder["line"], new DatasetOptions(Sentences: SentenceBoundaries.Line));

        Assert.Equal((5, 3), (split.Training.Sentences + split.Validation.Sentences, line.Training.Sentences + line.Validation.Sentences));
    }

    [Fact]
    public void A_sentence_too_long_for_its_record_is_divided_and_counted()
    {
        _folder.Write("a.txt", LetterTokenizer.Letters(70_000));
        _folder.Write("held.txt", "held out");

        var manifest = LetterTokenizer.Build(_folder["a.txt"], Output, new DatasetOptions(ValidationInputs: [_folder["held.txt"]]));

        Assert.Equal((3, 70_000, 1), (manifest.Training.Sentences, manifest.Training.Tokens, manifest.Reading.DividedSentences));
    }

    [Fact]
    public void More_than_65_536_tokens_take_four_bytes_each()
    {
        var tokenizer = LetterTokenizer.Create(numUnused: 66_000);
        _folder.Write("a.txt", "ab cd.\n\nef gh ij.\n\nkl");

        var manifest = new TokenizedDatasetBuilder(tokenizer, new DatasetOptions()).Build([_folder["a.txt"]], Output, cancellation: TestContext.Current.CancellationToken);

        using var dataset = TokenizedDataset.Open(Output);
        Assert.Equal(4, manifest.TokenBytes);
        Assert.Equal(["abcd.", "efghij.", "kl"], $"{LetterTokenizer.TextOf(dataset.Training)}/{LetterTokenizer.TextOf(dataset.Validation)}".Split('/').Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Unknown_tokens_and_empty_documents_are_counted()
    {
        _folder.Write("a.jsonl", "{\"text\": \"ab ж cd\"}\n{\"text\": \" \"}\n{\"text\": \"\\u0000\"}\n{\"text\": \"ж\"}");

        var manifest = LetterTokenizer.Build(_folder["a.jsonl"], Output);

        Assert.Equal((2, 2), (manifest.Training.UnknownTokens + manifest.Validation.UnknownTokens, manifest.Reading.EmptyDocuments));
        Assert.Contains("2 empty documents", manifest.Reading.Warnings());
    }

    [Fact]
    public void Equal_text_has_an_equal_identity_whatever_the_file_format()
    {
        _folder.Write("a.txt", "ab\ncd\n\nef\n\ngh\n");
        _folder.Write("b.jsonl", "{\"text\": \"ab\\n\\ncd\"}\n{\"text\": \"ef\"}\n{\"text\": \"gh\"}");
        LetterTokenizer.Build(_folder["a.txt"], _folder["text"]);
        LetterTokenizer.Build(_folder["b.jsonl"], _folder["json"]);

        using var text = TokenizedDataset.Open(_folder["text"]);
        using var json = TokenizedDataset.Open(_folder["json"]);

        Assert.Equal(text.Identity, json.Identity);
        Assert.Equal(32, text.Identity.Length);
    }

    [Fact]
    public void The_manifest_names_sources_without_places()
    {
        Directory.CreateDirectory(_folder["input/sub"]);
        _folder.Write("input/sub/a.txt", "ab\n\ncd");

        var manifest = LetterTokenizer.Build(_folder["input"], Output);

        Assert.Equal(new SourceFile("sub/a.txt", 6), Assert.Single(manifest.Sources));
        Assert.DoesNotContain(_folder.Path, File.ReadAllText(Path.Combine(Output, "manifest.json")));
    }

    [Theory]
    [InlineData(""), InlineData("\n \n\n"), InlineData("\0\0 \0")]
    public void An_empty_corpus_is_refused(string text)
    {
        _folder.Write("a.txt", text.Length > 3 ? $"{text}{new string(' ', 100)}" : text);

        Assert.Contains("the corpus is empty", Assert.Throws<InvalidDataException>(() => LetterTokenizer.Build(_folder["a.txt"], Output)).Message);
        AssertNothingIsLeft();
    }

    [Fact]
    public void One_document_is_refused_unless_a_validation_corpus_is_given()
    {
        _folder.Write("a.txt", "one document\nof two lines");
        _folder.Write("held.txt", "another one");

        Assert.Contains("one document", Assert.Throws<InvalidDataException>(() => LetterTokenizer.Build(_folder["a.txt"], Output)).Message);
        AssertNothingIsLeft();
        LetterTokenizer.Build(_folder["a.txt"], Output, new DatasetOptions(ValidationInputs: [_folder["held.txt"]]));
        using var dataset = TokenizedDataset.Open(Output);
        Assert.Equal("anotherone", LetterTokenizer.TextOf(dataset.Validation));
    }

    [Fact]
    public void An_existing_output_is_refused_and_stays()
    {
        _folder.Write("a.txt", "ab\n\ncd");
        Directory.CreateDirectory(Output);

        Assert.Contains("exists already", Assert.Throws<ArgumentException>(() => LetterTokenizer.Build(_folder["a.txt"], Output)).Message);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Output));
    }

    [Fact]
    public void An_error_in_the_middle_leaves_nothing_behind()
    {
        WriteRandomText(numFiles: 3, numBytes: 600_000);
        _folder.Write("input/9.jsonl", "{\"text\": \"ab\"}\nbroken");

        Assert.Contains("9.jsonl:2", Assert.Throws<InvalidDataException>(() => LetterTokenizer.Build(_folder["input"], Output)).Message);
        AssertNothingIsLeft();
    }

    [Fact]
    public void A_stopped_build_leaves_nothing_behind()
    {
        WriteRandomText(numFiles: 3, numBytes: 600_000);
        using var stop = new CancellationTokenSource();
        var progress = new Stopper(stop);

        Assert.ThrowsAny<OperationCanceledException>(() =>
            new TokenizedDatasetBuilder(LetterTokenizer.Create(), new DatasetOptions()).Build([_folder["input"]], Output, progress, stop.Token));
        AssertNothingIsLeft();
    }

    [Fact]
    public void What_a_killed_build_left_is_replaced_and_other_folders_are_not()
    {
        _folder.Write("a.txt", "ab\n\ncd");
        Directory.CreateDirectory($"{Output}.unfinished/training");
        _folder.Write("dataset.unfinished/training/tokens.bin", "half");

        Assert.Contains("is in the way", Assert.Throws<ArgumentException>(() => LetterTokenizer.Build(_folder["a.txt"], Output)).Message);
        _folder.Write("dataset.unfinished/lock", "");
        LetterTokenizer.Build(_folder["a.txt"], Output);

        Assert.Empty(TokenizedDataset.Open(Output).Verify());
        Assert.False(Path.Exists($"{Output}.unfinished"));
    }

    [Fact]
    public void Two_builds_do_not_write_to_the_same_place()
    {
        _folder.Write("a.txt", "ab\n\ncd");
        using var other = new UnfinishedDirectory(Output);

        Assert.Contains("another process is writing there", Assert.Throws<IOException>(() => LetterTokenizer.Build(_folder["a.txt"], Output)).Message);
    }

    [Theory]
    [InlineData("training/tokens.bin"), InlineData("training/sentences.bin"), InlineData("validation/blocks.bin")]
    public void A_truncated_file_is_an_error_that_names_it(string name)
    {
        _folder.Write("a.txt", "ab\n\ncd");
        LetterTokenizer.Build(_folder["a.txt"], Output);
        var path = Path.Combine(Output, name);
        using (var file = File.OpenWrite(path)) file.SetLength(file.Length - 1);

        var message = Assert.Throws<InvalidDataException>(() => TokenizedDataset.Open(Output)).Message;

        Assert.Contains(name, message);
        Assert.Contains("truncated or damaged", message);
    }

    [Theory]
    [InlineData("training/tokens.bin"), InlineData("validation/sentences.bin"), InlineData("tokenizer/vocab.txt")]
    public void A_changed_byte_is_found_by_verifying(string name)
    {
        _folder.Write("a.txt", "ab\n\ncd");
        LetterTokenizer.Build(_folder["a.txt"], Output);
        var bytes = File.ReadAllBytes(Path.Combine(Output, name));
        bytes[0] ^= 1;
        File.WriteAllBytes(Path.Combine(Output, name), bytes);

        using var dataset = TokenizedDataset.Open(Output);
        Assert.Equal([name], dataset.Verify());
    }

    [Fact]
    public void A_folder_without_a_manifest_is_no_dataset()
    {
        Directory.CreateDirectory(Output);

        Assert.Contains("not a dataset", Assert.Throws<InvalidDataException>(() => TokenizedDataset.Open(Output)).Message);
        _folder.Write("dataset/manifest.json", "{}");
        Assert.Contains("manifest.json: not the manifest", Assert.Throws<InvalidDataException>(() => TokenizedDataset.Open(Output)).Message);
    }

    [Fact]
    public void Length_statistics_count_a_divided_document_once()
    {
        _folder.Write("a.txt", $"{string.Join(' ', Enumerable.Repeat($"A{new string('b', 998)}.", 200))}\n\nab. Cd.");
        _folder.Write("held.txt", "held out");
        LetterTokenizer.Build(_folder["a.txt"], Output, new DatasetOptions(ValidationInputs: [_folder["held.txt"]]));

        using var dataset = TokenizedDataset.Open(Output);
        var (documents, sentences) = LengthStatistics.Of(dataset.Training);

        Assert.Equal(new LengthStatistics(100_003, 6, 6, 200_000, 200_000), documents);
        Assert.Equal((3, 1000, 1000), (sentences.Shortest, sentences.Median, sentences.Longest));
    }

    void AssertNothingIsLeft() => Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path, "dataset*"));

    void WriteRandomText(int numFiles, int numBytes)
    {
        Directory.CreateDirectory(_folder["input"]);
        var random = new Random(3);
        for (var file = 0; file < numFiles; file++)
        {
            var text = new StringBuilder();
            while (text.Length < numBytes)
            {
                for (var line = random.Next(1, 20); line >= 0; line--) text.Append($"{LetterTokenizer.Letters(random.Next(1, 60))} {LetterTokenizer.Letters(3)}. A{LetterTokenizer.Letters(random.Next(1, 99))}\n");
                text.Append('\n');
            }
            _folder.Write($"input/{file}.txt", text.ToString());
        }
    }

    sealed class Stopper(CancellationTokenSource stop) : IProgress<BuildProgress>
    {
        public void Report(BuildProgress value) => stop.Cancel();
    }
}
