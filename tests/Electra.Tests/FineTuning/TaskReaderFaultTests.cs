using Electra.FineTuning.Tasks;

namespace Electra.Tests.FineTuning;

/// <summary>What is wrong with a task's files: named with its place, left out, and the rest read.</summary>
public sealed class TaskReaderFaultTests : TaskReading
{
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
        File.WriteAllBytes(Folder["train"], [.. "text\tlabel\ncaf"u8, 0xE9, .. "\tyes\n"u8]);

        var set = TaskReader.Open(Task(), Folder.Path).Read("train");

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
        Assert.Equal(["1", "2", "3"], TaskReader.Open(Task([.. Questions, "splits={\"test\": {\"file\": \"train\", \"has_labels\": false}}"]), Folder.Path).Read("test").Examples.Select(example => example.Id));
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
        Folder.Write("train", "text\tlabel\none\tyes\ntwo\n");

        Assert.Equal("train:3: 1 columns, the header has 2.", Assert.Throws<InvalidDataException>(() => TaskReader.Open(Task(), Folder.Path).Read("train", isStrict: true)).Message);
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
        Assert.Throws<FileNotFoundException>(() => TaskReader.Open(Task("labels=[\"a\", \"b\"]"), Folder.Path).Read("train")).Message);

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
