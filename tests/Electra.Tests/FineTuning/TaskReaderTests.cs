using System.IO.Compression;
using System.Text;
using Electra.FineTuning.Tasks;
using Parquet;
using Parquet.Schema;
using ZstdSharp;

namespace Electra.Tests.FineTuning;

/// <summary>What each layout of a task's files gives.</summary>
public sealed class TaskReaderTests : TaskReading
{
    [Fact]
    public void Columns_go_by_name_or_by_place_from_either_end()
    {
        const string content = "label\tother\ttext\nyes\t-\tone\nno\t-\ttwo\n";

        Assert.Equal(["0 one = yes", "1 two = no"], Show(Read(content)));
        Assert.Equal(["0 one = yes", "1 two = no"], Show(Read(content, "columns.text=-1", "columns.label=0")));
        Assert.Equal(["no", "yes"], Read(content).Labels);
    }

    [Fact]
    public void Without_a_header_the_first_row_counts() =>
        Assert.Equal(["0 one = yes", "1 two = no"], Show(Read("one\tyes\ntwo\tno\n", "format.header=false", "columns.text=0", "columns.label=1")));

    [Fact]
    public void Quotes_are_letters_unless_the_format_says_otherwise()
    {
        Assert.Equal(["0 \"one = yes"], Show(Read("text\tlabel\n\"one\tyes\n")));
        Assert.Equal(["0 one\ttwo \"three\"\nfour = yes"], Show(Read("text\tlabel\n\"one\ttwo \"\"three\"\"\nfour\"\tyes\n", "format.quoting=true")));
    }

    [Fact]
    public void Csv_has_commas_and_quotes() =>
        Assert.Equal(["0 one, two = yes", "1 three = no"], Show(Read("text,label\r\n\"one, two\",yes\r\nthree,no\r\n", "format.type=csv")));

    [Fact]
    public void Json_lines_have_fields_by_name() =>
        Assert.Equal(["0 é = 1", "1 two = 0"], Show(Read("{\"label\": 1, \"text\": \"\\u00e9\"}\n\n{\"text\": \"two\", \"label\": 0, \"more\": []}\n", "format.type=jsonl")));

    [Theory]
    [InlineData(".gz"), InlineData(".zst")]
    public void A_compressed_file_is_found_by_its_plain_name(string extension)
    {
        var content = Encoding.UTF8.GetBytes("text\tlabel\none\tyes\n");
        using (var file = File.Create(Folder[$"train{extension}"]))
        using (Stream packed = extension == ".gz" ? new GZipStream(file, CompressionLevel.Fastest) : new CompressionStream(file))
            packed.Write(content);

        Assert.Equal(["0 one = yes"], Show(TaskReader.Open(Task(), Folder.Path).Read("train")));
    }

    [Fact]
    public async Task Parquet_holds_text_numbers_and_lists()
    {
        using (var file = File.Create(Folder["train"]))
        {
            var (text, label, words) = (new DataField<string>("text"), new DataField<long>("label"), new DataField<string[]>("words"));
            await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema(text, label, words), file, cancellationToken: TestContext.Current.CancellationToken);
            using var rows = writer.CreateRowGroup();
            await rows.WriteAsync(text, ["one", null!, "three"]);
            await rows.WriteAsync<long>(label, new long[] { 1, 0, 0 }, cancellationToken: TestContext.Current.CancellationToken);
            await rows.WriteAsync(words, ["a", "b", "c", "d"], new ReadOnlyMemory<int>([0, 1, 0, 0]));
        }
        var classes = TaskReader.Open(Task("format.type=parquet"), Folder.Path).Read("train");
        var tags = TaskReader.Open(Task("format.type=parquet", "kind=tagging", "metrics=[\"f1\"]", "labels=[\"O\", \"B\"]", "columns={\"words\": \"words\"}", "splits={\"test\": {\"file\": \"train\", \"has_labels\": false}}"), Folder.Path).Read("test");

        Assert.Equal(["0 one = 1", "2 three = 0"], Show(classes));
        Assert.Equal("train:2: no text in the field 'text'; left out", Problem(classes));
        Assert.Equal(["0 a b = ", "1 c = ", "2 d = "], Show(tags));
    }

    [Fact]
    public void Sentences_of_conll_end_at_empty_lines()
    {
        var set = Read("-DOCSTART- -X- O\n\nAnn NNP B-PER\nsmiles VBZ O\n\n\nBob NNP B-PER", Sentences);

        Assert.Equal(["0 Ann smiles = B-PER O", "1 Bob = B-PER"], Show(set));
        Assert.Equal(["B-PER", "I-PER", "O"], set.Labels);
        Assert.Equal([3, 7], set.Examples.Select(example => example.Source.Line));
    }

    [Theory]
    [InlineData("bio", "B-X I-X B-X", "B-X E-X S-X"), InlineData("iob1", "I-X I-X B-X", "B-X E-X S-X"), InlineData("bioes", "B-X E-X S-X", "B-X E-X S-X")]
    public void Every_scheme_is_learnt_as_every_other(string scheme, string tags, string expected)
    {
        var content = string.Concat(tags.Split(' ').Select(tag => $"w\t{tag}\n"));

        var set = Read(content, [.. Sentences, $"tagging.scheme={scheme}", "tagging.learn_as=bioes"]);

        Assert.Equal($"0 w w w = {expected}", Assert.Single(Show(set)));
        Assert.Empty(set.Report.Counts);
        Assert.Equal(tags, string.Join(' ', TagSequence.Write(expected.Split(' '), Enum.Parse<TagScheme>(scheme, ignoreCase: true))));
    }

    [Theory]
    [InlineData("bio", "O I-X", "train:2: 'I-X' at word 2 cannot stand there in BIO; read as conlleval reads it", "O B-X")]
    [InlineData("bio", "B-Y I-X", "train:2: 'I-X' at word 2", "B-Y B-X")]
    [InlineData("iob1", "O B-X", "train:2: 'B-X' at word 2 cannot stand there in IOB1", "O I-X")]
    [InlineData("bioes", "B-X O", "train:2: 'O' at word 2 cannot stand there in BIOES", "S-X O")]
    [InlineData("bioes", "O B-X", "train:2: 'B-X' at word 2", "O S-X")]
    [InlineData("bioes", "E-X S-X", "train:1: 'E-X' at word 1", "S-X S-X")]
    public void Tags_that_jump_are_counted_and_mended(string scheme, string tags, string message, string mended)
    {
        var set = Read(string.Concat(tags.Split(' ').Select(tag => $"w\t{tag}\n")), [.. Sentences, $"tagging.scheme={scheme}"]);

        Assert.StartsWith(message, Problem(set));
        Assert.Equal(mended, string.Join(' ', ((TaggedExample)set.Examples[0]).Tags!));
        Assert.Equal(0, set.Report.NumDropped);
    }

    [Fact]
    public void Several_labels_stand_between_a_separator_or_in_a_list()
    {
        string[] several = ["kind=multi_label", "metrics=[\"micro_f1\"]"];

        Assert.Equal(["0 one = a+b", "1 two = "], Show(Read("text\tlabel\none\tb, a\ntwo\t\n", several)));
        Assert.Equal(["0 one = a+b"], Show(Read("{\"text\": \"one\", \"label\": [\"b\", \"a\"]}", [.. several, "format.type=jsonl"])));
    }

    [Fact]
    public void Several_labels_may_have_a_column_of_0_and_1_each()
    {
        string[] flags = ["kind=multi_label", "metrics=[\"micro_f1\"]", "format.type=csv"];

        Assert.Equal(["0 one = rude", "1 two = ", "2 three = rude+mad"], Show(Read("text,rude,mad\none,1,0\ntwo,0,0\nthree,1.0,true\n", [.. flags, "columns={\"text\": \"text\", \"labels\": [\"rude\", \"mad\"]}"])));
        Assert.Equal(["0 one = B"], Show(Read("0,1,one\n", [.. flags, "format.header=false", "columns={\"text\": -1, \"labels\": [0, 1]}", "labels=[\"A\", \"B\"]"])));
        Assert.Equal("train:2: '-1' in column 'mad' is neither 0 nor 1; left out",
            Problem(Read("text,rude,mad\none,1,-1\ntwo,0,0\n", [.. flags, "columns={\"text\": \"text\", \"labels\": [\"rude\", \"mad\"]}"])));
    }

    [Theory]
    [InlineData("{\"text\": \"one\"}", "train:1: no labels in the field 'label'; an empty list or text says that there are none; left out", "kind=multi_label", "metrics=[\"micro_f1\"]", "labels=[\"a\"]")]
    [InlineData("{\"text\": \"one\", \"b\": 1}", "train:1: no 0 or 1 in the field 'a'; left out", "kind=multi_label", "metrics=[\"micro_f1\"]", "columns={\"text\": \"text\", \"labels\": [\"a\", \"b\"]}")]
    [InlineData("{\"q\": \"Who?\", \"c\": \"Ann\"}", "train:1: no answer in the field 'a'; an empty one says that there is none; left out", "kind=question_answering", "metrics=[\"f1\"]", "columns={\"question\": \"q\", \"context\": \"c\", \"answer\": \"a\"}")]
    public void A_row_that_lacks_its_labels_is_named(string row, string message, params string[] overrides)
    {
        const string whole = """{"text": "two", "label": ["a"], "a": 1, "b": 0, "q": "Who?", "c": "Ann"}""";
        var set = Read($"{row}\n{whole.Replace("\"a\": 1", overrides[0].EndsWith("answering", StringComparison.Ordinal) ? "\"a\": \"Ann\"" : "\"a\": 1")}\n", [.. overrides, "format.type=jsonl"]);

        Assert.Equal(message, Problem(set));
        Assert.Single(set.Examples);
    }

    [Fact]
    public void Squads_answers_start_at_code_points_and_may_be_missing()
    {
        var set = Read(Squad, Questions);

        Assert.Equal(["the cat@16", "", "x@0"], Show(set).Select(line => line.Split(" = ")[1]));
        Assert.Empty(set.Report.Counts);
    }

    [Theory]
    [InlineData("[0, 0.5]", "1 2"), InlineData("[0.5, 1]", "3")]
    public void A_share_of_squads_articles_is_a_set(string articles, string ids) =>
        Assert.Equal(ids, string.Join(' ', Read(Squad, [.. Questions, $"splits.train.articles={articles}"]).Examples.Select(example => example.Id)));

    [Fact]
    public void Questions_may_stand_in_rows() => Assert.Equal(["0 Who? | Ann sat. = Ann@0", "1 When? | Ann sat. = "],
        Show(Read("q\tc\ta\nWho?\tAnn sat.\tAnn\nWhen?\tAnn sat.\t\n", "kind=question_answering", "metrics=[\"f1\"]", "columns={\"question\": \"q\", \"context\": \"c\", \"answer\": \"a\"}")));

    [Fact]
    public void Lines_are_texts_without_labels()
    {
        var reader = TaskReader.Open(Task("labels=[\"a\", \"b\"]"), Folder.Path);
        var report = new TaskReadingReport();
        var lines = new TaskSplit("", HasLabels: false, Format: new TaskFormat(TaskFileType.Lines));

        var examples = reader.ReadStream(new MemoryStream("one\ttwo\n\nthree\n"u8.ToArray()), "input", lines, report).Cast<TextExample>();

        Assert.Equal(["one\ttwo", "", "three"], examples.Select(example => example.Text)); // a prediction is owed for the empty one, too
        Assert.Equal("input:2: the text in column 0 is empty", Assert.Single(report.Problems).ToString());
    }
}
