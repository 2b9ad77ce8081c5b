using System.Runtime.CompilerServices;
using System.Text.Json;
using Electra.FineTuning.Tasks;
using Electra.Training;

namespace Electra.Tests.FineTuning;

public sealed class TaskDefinitionTests
{
    const string Minimal = """
        {"name": "mine", "kind": "classification", "format": {"type": "tsv"}, "columns": {"text": 0, "label": 1},
         "splits": {"train": {"file": "train.tsv"}}, "metrics": ["accuracy"]}
        """;

    static TaskDefinition Parse(string json, params string[] overrides)
    {
        var task = RecipeFile.Parse(json, "mine.json", TaskJson.Default.TaskDefinition, overrides);
        task.Check("mine.json");
        return task;
    }

    public static IEnumerable<TheoryDataRow<string>> BuiltIn() =>
        Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "tasks"), "*.json").Order().Select(path => new TheoryDataRow<string>(path));

    [Theory]
    [MemberData(nameof(BuiltIn))]
    public void Every_built_in_task_loads_and_survives_a_round_trip(string path)
    {
        var task = TaskDefinition.Load(path);

        var json = JsonSerializer.Serialize(task, TaskJson.Default.TaskDefinition);
        Assert.Equal(json, JsonSerializer.Serialize(Parse(json), TaskJson.Default.TaskDefinition));
    }

    [Fact]
    public void A_column_is_a_name_or_a_place()
    {
        var task = Parse(Minimal.Replace("\"text\": 0", "\"text\": \"sentence\""));

        Assert.Equal("sentence", task.Columns!.Text!.Value.Name);
        Assert.Equal(1, task.Columns.Label!.Value.Place);
    }

    [Fact]
    public void Columns_and_files_are_overridden_by_name()
    {
        var task = Parse(Minimal, "columns.label=-1", "splits.train.file=other.tsv", "splits.dev={\"file\": \"dev.csv\"}");

        Assert.Equal(-1, task.Columns!.Label!.Value.Place);
        Assert.Equal(["other.tsv", "dev.csv"], task.Splits.Values.Select(split => split.File));
    }

    [Fact]
    public void A_set_that_is_null_is_left_out()
    {
        Assert.Equal(["train"], Parse(Minimal.Replace("{\"file\": \"train.tsv\"}", "{\"file\": \"train.tsv\"}, \"dev\": null")).Splits.Keys);
        // The folder of MNLI's subset has one dev set.
        var mnli = TaskDefinition.Load(InventedTasks.PathOf("mnli"), ["splits.dev_mismatched=null", "splits.dev_matched.file=dev.tsv"]);
        Assert.Equal(["dev_matched"], mnli.DevSplits);
        Assert.Contains("\"dev_matched\"", JsonSerializer.Serialize(mnli, TaskJson.Default.TaskDefinition));
    }

    [Theory]
    [InlineData("splits.dev=null", "--set splits.dev=null: there is no 'dev' to leave out; there are train.")]
    [InlineData("splits.train=null", "mine.json: splits is empty, a task needs a set")]
    [InlineData("columns.lable=1", "unknown key 'lable'. Did you mean 'label'?")]
    [InlineData("splits.train.fiel=x", "unknown key 'fiel'. Did you mean 'file'?")]
    [InlineData("metrics=[\"acuracy\"]", "metrics has 'acuracy'; of classification there are accuracy, f1")]
    [InlineData("splits.validation={\"file\": \"x\"}", "splits.validation: a set is called train, dev")]
    [InlineData("splits.dev_a/b={\"file\": \"x\"}", "splits.dev_a/b: a set's name becomes a file's")]
    [InlineData("splits.train.submission=../../other.tsv", "splits.train.submission is '../../other.tsv', but a plain file name is expected")]
    [InlineData("splits.train.submission=..", "splits.train.submission is '..', but a plain file name is expected")]
    [InlineData("splits.train.has_labels=false", "splits.train.has_labels is false, but there is nothing to learn without labels")]
    [InlineData("kind=pair_classification", "columns.second_text is missing, pair_classification needs it (set train)")]
    [InlineData("labels=[\"a\", \"a\"]", "labels has a name twice")]
    [InlineData("kind=regression", "metrics has 'accuracy'; of regression there are pearson")]
    [InlineData("format.type=squad", "files of type squad do not hold a task of kind classification")]
    [InlineData("windows.stride=0", "windows.stride is 0, it must be at least 1")]
    [InlineData("main_metric=mcc", "main_metric is 'mcc', which is not among metrics")]
    [InlineData("splits.train.articles=[0.5, 0.2]", "must be two rising numbers from 0 to 1")]
    [InlineData("columns.text=true", "--set columns.text=true: the value is of the wrong kind")]
    [InlineData("columns.words=0", "columns.words has no meaning in classification of tsv files, which takes text, second_text, label, id")]
    [InlineData("columns.labels=[1, 2]", "columns.labels has no meaning in classification")]
    public void What_cannot_be_is_refused_by_name(string assignment, string message) =>
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => Parse(Minimal, assignment)).Message);

    [Theory]
    [InlineData("conll", "{\"text\": 0, \"label\": 2}", "columns.text has no meaning in tagging of conll files, which takes words, tags; columns.label has no meaning")]
    [InlineData("conll", "{\"words\": 0, \"id\": 3}", "columns.id has no meaning")]
    [InlineData("jsonl", "{\"words\": \"w\", \"label\": \"t\"}", "columns.label has no meaning in tagging of jsonl files, which takes words, tags, id")]
    public void A_column_that_a_tagging_task_does_not_have_is_refused(string type, string columns, string message) =>
        Assert.StartsWith($"mine.json: {message}", Assert.Throws<InvalidDataException>(() => Parse(Minimal, "kind=tagging", "metrics=[\"f1\"]", $"format.type={type}", $"columns={columns}")).Message);

    [Theory]
    [InlineData("[\"a\", \"b\"]", "[\"x\"]", "columns.labels has 2 columns, labels has 1 names")]
    [InlineData("[1, 2]", "null", "labels is missing: columns.labels gives places, which have no names")]
    [InlineData("[\"a\", \"a\"]", "null", "columns.labels has a column twice")]
    [InlineData("[]", "null", "columns.labels is empty")]
    public void A_column_for_each_label_goes_with_the_labels(string columns, string labels, string message) => Assert.Contains(message, Assert.Throws<InvalidDataException>(
        () => Parse(Minimal, "kind=multi_label", "metrics=[\"micro_f1\"]", $"columns={{\"text\": 0, \"labels\": {columns}}}", $"labels={labels}")).Message);

    [Fact]
    public void An_unknown_key_in_a_set_is_named_with_its_place() => Assert.Contains("mine.json: splits.train.fille: unknown key 'fille'. Did you mean 'file'?",
        Assert.Throws<InvalidDataException>(() => Parse(Minimal.Replace("\"file\"", "\"fille\""))).Message);

    [Fact]
    public void The_task_file_of_the_README_loads()
    {
        var readme = File.ReadAllText(Path.Combine(Path.GetDirectoryName(ThisFile())!, "../../../README.md"));
        var section = readme[readme.IndexOf("## Your own task", StringComparison.Ordinal)..];
        var start = section.IndexOf("```json", StringComparison.Ordinal) + "```json".Length;

        Assert.Equal("tickets", Parse(section[start..section.IndexOf("```", start, StringComparison.Ordinal)]).Name);
    }

    static string ThisFile([CallerFilePath] string path = "") => path;
}
