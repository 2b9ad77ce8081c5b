using System.IO.Compression;
using System.Text;
using Electra.FineTuning.Tasks;
using Electra.Tests.Evaluation;
using Electra.Training;
using Parquet;
using Parquet.Schema;
using ZstdSharp;

namespace Electra.Tests.FineTuning;

public sealed class TaskReaderTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    static TaskDefinition Task(params string[] overrides)
    {
        var task = RecipeFile.Parse("""
            {"name": "mine", "kind": "classification", "format": {"type": "tsv"}, "columns": {"text": "text", "label": "label"},
             "splits": {"train": {"file": "train"}, "dev": {"file": "dev"}}, "metrics": ["accuracy"]}
            """, "mine.json", TaskJson.Default.TaskDefinition, overrides);
        task.Check("mine.json");
        return task;
    }

    static readonly string[] Sentences = ["kind=tagging", "metrics=[\"f1\"]", "columns=null", "format.type=conll"];

    TaskDataset Read(string content, params string[] overrides)
    {
        _folder.Write("train", content);
        return TaskReader.Open(Task(overrides), _folder.Path).Read("train");
    }

    static IEnumerable<string> Show(TaskDataset set) => set.Examples.Select(example => example switch
    {
        TextExample { Class: { } number } text => $"{text.Id} {text.Text}{(text.SecondText is { } second ? $" | {second}" : "")} = {set.Labels[number]}",
        TextExample { Value: { } value } text => $"{text.Id} {text.Text} = {value}",
        TextExample { IsLabelled: { } flags } text => $"{text.Id} {text.Text} = {string.Join('+', set.Labels.Where((_, index) => flags[index]))}",
        TextExample text => $"{text.Id} {text.Text}",
        TaggedExample tagged => $"{tagged.Id} {string.Join(' ', tagged.Words)} = {string.Join(' ', tagged.Tags ?? [])}",
        QuestionExample question => $"{question.Id} {question.Question} | {question.Context} = {string.Join('/', (question.Answers ?? []).Select(answer => $"{answer.Text}@{answer.Start}"))}",
        _ => "",
    });

    static string Problem(TaskDataset set) => Assert.Single(set.Report.Problems).ToString();

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
        using (var file = File.Create(_folder[$"train{extension}"]))
        using (Stream packed = extension == ".gz" ? new GZipStream(file, CompressionLevel.Fastest) : new CompressionStream(file))
            packed.Write(content);

        Assert.Equal(["0 one = yes"], Show(TaskReader.Open(Task(), _folder.Path).Read("train")));
    }

    [Fact]
    public async Task Parquet_holds_text_numbers_and_lists()
    {
        using (var file = File.Create(_folder["train"]))
        {
            var (text, label, words) = (new DataField<string>("text"), new DataField<long>("label"), new DataField<string[]>("words"));
            await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema(text, label, words), file, cancellationToken: TestContext.Current.CancellationToken);
            using var rows = writer.CreateRowGroup();
            await rows.WriteAsync(text, ["one", null!, "three"]);
            await rows.WriteAsync<long>(label, new long[] { 1, 0, 0 }, cancellationToken: TestContext.Current.CancellationToken);
            await rows.WriteAsync(words, ["a", "b", "c", "d"], new ReadOnlyMemory<int>([0, 1, 0, 0]));
        }
        var classes = TaskReader.Open(Task("format.type=parquet"), _folder.Path).Read("train");
        var tags = TaskReader.Open(Task("format.type=parquet", "kind=tagging", "metrics=[\"f1\"]", "labels=[\"O\", \"B\"]", "columns={\"words\": \"words\"}", "splits={\"test\": {\"file\": \"train\", \"has_labels\": false}}"), _folder.Path).Read("test");

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

    const string Squad = """
        {"version": "v2.0", "data": [
         {"title": "A", "paragraphs": [{"context": "😀 the cat sat, the cat slept", "qas": [
           {"id": "1", "question": "Who?", "answers": [{"text": "the cat", "answer_start": 15}]},
           {"id": "2", "question": "When?", "is_impossible": true, "answers": []}]}]},
         {"title": "B", "paragraphs": [{"context": "x", "qas": [{"id": "3", "question": "What?", "answers": [{"text": "x", "answer_start": 0}]}]}]}]}
        """;

    static readonly string[] Questions = ["kind=question_answering", "metrics=[\"f1\"]", "columns=null", "format.type=squad"];

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
        var reader = TaskReader.Open(Task("labels=[\"a\", \"b\"]"), _folder.Path);
        var report = new TaskReadingReport();
        var lines = new TaskSplit("", HasLabels: false, Format: new TaskFormat(TaskFileType.Lines));

        var examples = reader.ReadStream(new MemoryStream("one\ttwo\n\nthree\n"u8.ToArray()), "input", lines, report).Cast<TextExample>();

        Assert.Equal(["one\ttwo", "", "three"], examples.Select(example => example.Text)); // a prediction is owed for the empty one, too
        Assert.Equal("input:2: the text in column 0 is empty", Assert.Single(report.Problems).ToString());
    }

    [Theory]
    [InlineData("one\tyes\ntwo\tmaybe\nthree\tno\n", "train:3: 'maybe' is no label of mine; the labels are no, yes; left out", "labels=[\"no\", \"yes\"]")]
    [InlineData("one\tyes\n \tno\nthree\tno\n", "train:3: the text in column 'text' is empty; left out")]
    [InlineData("one\tyes\ntwo\nthree\tno\n", "train:3: 1 columns, the header has 2; left out")]
    [InlineData("one\tyes\ntwo\tno\tno\nthree\tno\n", "train:3: 3 columns, the header has 2; left out")]
    [InlineData("one\tyes\n\"two\tno\nthree\tno\n", "train:3: a quoted field does not end; left out", "format.quoting=true")]
    [InlineData("one\tyes\n\"two\"x\tno\nthree\tno\n", "train:3: text after the end of a quoted field; left out", "format.quoting=true")]
    public void A_bad_row_is_named_and_left_out_and_the_rest_is_read(string rows, string message, params string[] overrides)
    {
        var set = Read($"text\tlabel\n{rows}", overrides);

        Assert.Equal(message, Problem(set));
        Assert.Equal(["0 one = yes", "2 three = no"], Show(set));
        Assert.Equal((3, 1), (set.Report.NumRows, set.Report.NumDropped));
    }

    [Fact]
    public void A_bad_number_is_named()
    {
        var set = Read("text\tlabel\na\t1\nb\thigh\nc\t7\n", "kind=regression", "metrics=[\"mse\"]", "label_range={\"minimum\": 0, \"maximum\": 5}");

        Assert.Equal(["train:3: 'high' is not a number from 0 to 5; left out", "train:4: '7' is not a number from 0 to 5; left out"], set.Report.Problems.Select(problem => problem.ToString()));
    }

    [Theory]
    [InlineData("{\"text\": \"one\"", "train:1: no valid JSON at byte 14; left out")]
    [InlineData("[1]", "train:1: not a JSON object; left out")]
    [InlineData("{\"label\": \"a\"}", "train:1: no text in the field 'text'; left out")]
    [InlineData("{\"text\": \"one\"}", "train:1: '' is no label of mine; the labels are a, b; left out")]
    public void A_bad_line_of_json_is_named(string line, string message) =>
        Assert.Equal(message, Problem(Read($"{line}\n{{\"text\": \"two\", \"label\": \"a\"}}", "format.type=jsonl", "labels=[\"a\", \"b\"]")));

    [Fact]
    public void Ids_that_stand_twice_are_named()
    {
        Assert.Equal("train:3: the id 'x' stands twice; left out", Problem(Read("text\tlabel\tid\na\t0\tx\nb\t1\tx\nc\t1\ty\n", "columns.id=id")));
        Assert.Equal("train:3: the id '1' stands twice; left out", Problem(Read(Squad.Replace("\"3\"", "\"1\""), Questions)));
    }

    [Fact]
    public void A_rows_number_is_no_id_that_another_row_could_repeat()
    {
        var set = Read("{\"id\": \"1\", \"text\": \"a\", \"label\": \"0\"}\n{\"text\": \"b\", \"label\": \"1\"}\n", "format.type=jsonl", "columns.id=id");

        Assert.Equal(["1 a = 0", "1 b = 1"], Show(set));
        Assert.Empty(set.Report.Counts);
    }

    [Fact]
    public void Rows_to_predict_may_repeat_their_ids_and_bad_ones_have_their_place_at_once()
    {
        var report = new TaskReadingReport();
        var jsonl = new TaskSplit("", HasLabels: false, new TaskFormat(TaskFileType.Jsonl), new TaskColumns(Text: "text", Id: "id"));
        using var rows = TaskReader.Open(Task("labels=[\"a\", \"b\"]"), "")
            .ReadRows(new MemoryStream("{\"id\": \"x\", \"text\": \"one\"}\n{\"id\": \"x\", \"text\": \"two\"}\nnone\n{\"text\": \"three\"}\n"u8.ToArray()), "input", jsonl, report).GetEnumerator();

        Assert.True(rows.MoveNext() && rows.Current.Example?.Id == "x");
        Assert.True(rows.MoveNext() && rows.Current.Example?.Id == "x");
        Assert.True(rows.MoveNext() && rows.Current is { Example: null, Source.Line: 3 });
        Assert.Equal(3, report.NumRows);        // the fourth line has not been read yet
        Assert.True(rows.MoveNext() && rows.Current.Example?.Id == "3");
        Assert.False(rows.MoveNext());
    }

    [Fact]
    public void Bytes_that_are_not_utf8_are_named_and_read_as_replacement_characters()
    {
        File.WriteAllBytes(_folder["train"], [.. "text\tlabel\ncaf"u8, 0xE9, .. "\tyes\n"u8]);

        var set = TaskReader.Open(Task(), _folder.Path).Read("train");

        Assert.Equal("train:2: bytes that are not UTF-8, read as U+FFFD", Problem(set));
        Assert.Equal(["0 caf\uFFFD = yes"], Show(set));
    }

    [Theory]
    [InlineData("a\tB-X\nb\n\nc\tO\n", "train:2: 1 columns, most words have 2; the sentence; left out")]
    [InlineData("Title\n\na\tB-X\nb\tO\n\nc\tO\n", "train:1: 'Title' at word 1 is no tag: O is one, or B, I, E or S with a hyphen and a type; left out")]
    [InlineData("Title\na\tB-X\nb\tO\n\nc\tO\n", "train:1: 1 columns, most words have 2; the sentence; left out")]
    [InlineData("a\tx-X\n\nc\tO\n", "train:1: 'x-X' at word 1 is no tag: O is one, or B, I, E or S with a hyphen and a type; left out")]
    public void A_sentence_with_a_bad_word_is_left_out(string content, string message)
    {
        var set = Read(content, [.. Sentences, "labels=[\"O\", \"B-X\"]"]);

        Assert.Equal(message, Problem(set));
        Assert.EndsWith("c = O", Show(set).Last());
    }

    [Fact]
    public void A_sentence_without_a_column_that_is_needed_is_left_out() => Assert.Equal("train:1: no column 1, words have 1, counted from 0; the sentence; left out",
        Problem(Read("Title\n\na\tO\nb\tO\n", [.. Sentences, "columns={\"words\": 0, \"tags\": 1}", "labels=[\"O\", \"B-X\"]"])));

    [Fact]
    public void Words_without_tags_are_named() => Assert.Equal("train:1: 2 words, but 1 tags; left out", Problem(Read(
        "{\"w\": [\"a\", \"b\"], \"t\": [\"O\"]}\n{\"w\": \"a b\", \"t\": \"O O\"}\n", "kind=tagging", "metrics=[\"f1\"]", "format.type=jsonl", "columns={\"words\": \"w\", \"tags\": \"t\"}")));

    [Theory]
    [InlineData("dog", 0, "the answer 'dog' is not in its context; it counts in scores and is not learnt from", -1)]
    [InlineData("the cat", 9, "the answer 'the cat' is not at 9; taken from its nearest place, 2", 3)]     // the smile is two code units
    public void An_answer_that_is_not_there_is_named(string text, int start, string message, int expected)
    {
        var set = Read($$"""{"data": [{"paragraphs": [{"context": "😀 the cat sat", "qas": [{"id": "1", "question": "Who?", "answers": [{"text": "{{text}}", "answer_start": {{start}}}]}]}]}]}""", Questions);

        Assert.Equal($"train:1: {message}", Problem(set));
        Assert.Equal(expected, ((QuestionExample)set.Examples[0]).Answers![0].Start);
    }

    [Theory]
    [InlineData("", "question 1 has no list 'answers'; an empty one says that there is none")]
    [InlineData(", \"answers\": null", "question 1 has no list 'answers'; an empty one says that there is none")]
    [InlineData(", \"answer\": {\"text\": \"x\"}", "question 1 has no list 'answers', only 'answer'; an empty one says that there is none")]
    [InlineData(", \"answers\": [{\"answer_start\": 0}]", "an answer of question 1 has no text; an empty list says that there is none")]
    [InlineData(", \"answers\": [{\"text\": \"x\"}, {\"text\": \"\"}]", "an answer of question 1 has no text; an empty list says that there is none")]
    [InlineData(", \"is_impossible\": false, \"answers\": []", "question 1 has no answers, and is_impossible is false")]
    public void Answers_that_are_missing_or_wrong_do_not_make_a_question_unanswerable(string answers, string message)
    {
        var content = $$"""{"data": [{"paragraphs": [{"context": "x", "qas": [{"id": "1", "question": "What?"{{answers}}}, {"id": "2", "question": "Why?", "answers": []}, {"id": "3", "question": "Who?", "is_impossible": true}]}]}]}""";

        var set = Read(content, Questions);

        Assert.Equal($"train:1: {message}; left out", Problem(set));
        Assert.Equal(["2", "3"], set.Examples.Select(example => example.Id));
        Assert.Equal(["1", "2", "3"], TaskReader.Open(Task([.. Questions, "splits={\"test\": {\"file\": \"train\", \"has_labels\": false}}"]), _folder.Path).Read("test").Examples.Select(example => example.Id));
    }

    [Fact]
    public void A_question_that_lacks_a_part_is_named()
    {
        var set = Read("""{"data": [{"paragraphs": [{"context": "x", "qas": [{"question": "no id"}, {"id": "1"}, {"id": "2", "question": " "}, {"id": "3", "question": "What?", "answers": []}]}]}]}""", Questions);

        Assert.Equal(["train:3: the question '2' or its context is empty; left out", "train:1: question 1 has no text 'id'; left out", "train:2: question 2 has no text 'question'; left out"],
            set.Report.Problems.Select(problem => problem.ToString()));
    }

    [Fact]
    public void Strict_reading_stops_at_the_first_problem()
    {
        _folder.Write("train", "text\tlabel\none\tyes\ntwo\n");

        Assert.Equal("train:3: 1 columns, the header has 2.", Assert.Throws<InvalidDataException>(() => TaskReader.Open(Task(), _folder.Path).Read("train", isStrict: true)).Message);
    }

    [Theory]
    [InlineData("", "no rows; the file is empty.")]
    [InlineData("text\tlabel\n", "no rows; the file is empty.")]
    [InlineData("text\tlabel\none\tmaybe\n", "none of 1 rows can be used. train:2: 'maybe' is no label")]
    public void A_set_of_which_nothing_is_left_is_an_error(string content, string message) =>
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => Read(content, "labels=[\"a\", \"b\"]")).Message);

    [Theory]
    [InlineData("sentence\tlabel\none\tyes\n", "train: no column 'text'; there are 'sentence', 'label'.")]
    [InlineData("text\tlabel\none\tyes\n", "train: no column 7; rows have 2 columns, counted from 0.", "columns.text=7")]
    [InlineData("text\tlabel\none\tyes\n", "the column 'label' is named, but the file has no header", "format.header=false")]
    [InlineData("{}", "train: column 0 is given by its place, but fields of JSON have names.", "format.type=jsonl", "columns.text=0", "labels=[\"a\", \"b\"]")]
    [InlineData("nothing", "train: line 1 is no valid JSON, at byte 1.", "kind=question_answering", "metrics=[\"f1\"]", "columns=null", "format.type=squad")]
    public void A_file_of_another_layout_is_the_users_mistake(string content, string message, params string[] overrides) =>
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => Read(content, overrides)).Message);

    [Fact]
    public void A_missing_file_is_named() => Assert.Contains("nor one with .gz or .zst behind its name",
        Assert.Throws<FileNotFoundException>(() => TaskReader.Open(Task("labels=[\"a\", \"b\"]"), _folder.Path).Read("train")).Message);

    [Fact]
    public void Problems_are_counted_in_full_and_named_in_part()
    {
        var set = Read($"text\tlabel\none\tyes\n{string.Concat(Enumerable.Repeat("x\n", 100))}");

        Assert.Equal(100, set.Report.Counts[TaskProblemKind.ColumnCount]);
        Assert.Equal(["train:3: 1 columns, the header has 2; left out", "train: 99 more of this kind (number of columns)"], set.Report.Warnings(1));
    }

    [Fact]
    public void Only_the_first_examples_are_taken_where_the_set_says_so() =>
        Assert.Equal(["0 one = yes"], Show(Read("text\tlabel\none\tyes\ntwo\tno\n", "splits.train.max_examples=1")));
}
