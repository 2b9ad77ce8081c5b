using Electra.FineTuning.Tasks;
using Electra.Tests.Evaluation;
using Electra.Training;

namespace Electra.Tests.FineTuning;

/// <summary>A task of two classes in a folder of its own, whose kind, format and columns a test changes as it needs, and what is read of it in short.</summary>
public abstract class TaskReading : IDisposable
{
    private protected TemporaryFolder Folder { get; } = new();

    public void Dispose()
    {
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    protected static TaskDefinition Task(params string[] overrides)
    {
        var task = RecipeFile.Parse("""
            {"name": "mine", "kind": "classification", "format": {"type": "tsv"}, "columns": {"text": "text", "label": "label"},
             "splits": {"train": {"file": "train"}, "dev": {"file": "dev"}}, "metrics": ["accuracy"]}
            """, "mine.json", TaskJson.Default.TaskDefinition, overrides);
        task.Check("mine.json");
        return task;
    }

    protected static readonly string[] Sentences = ["kind=tagging", "metrics=[\"f1\"]", "columns=null", "format.type=conll"];

    protected TaskDataset Read(string content, params string[] overrides)
    {
        Folder.Write("train", content);
        return TaskReader.Open(Task(overrides), Folder.Path).Read("train");
    }

    protected static IEnumerable<string> Show(TaskDataset set) => set.Examples.Select(example => example switch
    {
        TextExample { Class: { } number } text => $"{text.Id} {text.Text}{(text.SecondText is { } second ? $" | {second}" : "")} = {set.Labels[number]}",
        TextExample { Value: { } value } text => $"{text.Id} {text.Text} = {value}",
        TextExample { IsLabelled: { } flags } text => $"{text.Id} {text.Text} = {string.Join('+', set.Labels.Where((_, index) => flags[index]))}",
        TextExample text => $"{text.Id} {text.Text}",
        TaggedExample tagged => $"{tagged.Id} {string.Join(' ', tagged.Words)} = {string.Join(' ', tagged.Tags ?? [])}",
        QuestionExample question => $"{question.Id} {question.Question} | {question.Context} = {string.Join('/', (question.Answers ?? []).Select(answer => $"{answer.Text}@{answer.Start}"))}",
        _ => "",
    });

    protected static string Problem(TaskDataset set) => Assert.Single(set.Report.Problems).ToString();

    protected const string Squad = """
        {"version": "v2.0", "data": [
         {"title": "A", "paragraphs": [{"context": "😀 the cat sat, the cat slept", "qas": [
           {"id": "1", "question": "Who?", "answers": [{"text": "the cat", "answer_start": 15}]},
           {"id": "2", "question": "When?", "is_impossible": true, "answers": []}]}]},
         {"title": "B", "paragraphs": [{"context": "x", "qas": [{"id": "3", "question": "What?", "answers": [{"text": "x", "answer_start": 0}]}]}]}]}
        """;

    protected static readonly string[] Questions = ["kind=question_answering", "metrics=[\"f1\"]", "columns=null", "format.type=squad"];
}
