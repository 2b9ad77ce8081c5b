using Electra.FineTuning.Tasks;
using Electra.Tokenization;

namespace Electra.FineTuning;

/// <summary>A task's training and dev sets, encoded for one model.</summary>
public sealed class TaskSets
{
    readonly TaskDataset _training;

    TaskSets(TaskDataset training, IReadOnlyList<EncodedExample> rows, IReadOnlyList<TaskSet> dev) => (_training, Training, Dev) = (training, rows, dev);

    /// <summary>The task.</summary>
    public TaskDefinition Task => _training.Task;

    /// <summary>Names of the classes or tags; empty for regression and question answering.</summary>
    public IReadOnlyList<string> Labels => _training.Labels;

    /// <summary>Rows to learn from.</summary>
    public IReadOnlyList<EncodedExample> Training { get; }

    /// <summary>Sets to choose and judge by, the first one the one to choose by.</summary>
    public IReadOnlyList<TaskSet> Dev { get; }

    /// <summary>A hash of each set's examples by the set's name: what must be equal for a run to go on.</summary>
    public IReadOnlyDictionary<string, string> Identities =>
        Dev.Select(set => set.Dataset).Prepend(_training).ToDictionary(set => set.Split, set => StoredPredictions.HashOf(set));

    /// <summary>Reads and encodes the sets.</summary>
    /// <param name="task">The task.</param>
    /// <param name="folder">Where its files lie.</param>
    /// <param name="tokenizer">The model's.</param>
    /// <param name="maxLength">Tokens of a row.</param>
    /// <param name="warn">Told of what was wrong with rows.</param>
    /// <exception cref="InvalidDataException">Nothing can be used of a set.</exception>
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
    public static TaskSets Load(TaskDefinition task, string folder, ITokenizer tokenizer, int maxLength, Action<string> warn)
    {
        var reader = TaskReader.Open(task, folder);
        var encoder = new TaskEncoder(task, reader.Labels, tokenizer, maxLength);
        var training = reader.Read(TaskDefinition.Train);
        foreach (var line in training.Report.Warnings()) warn(line);
        IReadOnlyList<TaskExample> examples = task.IsSymmetric ? [.. training.Examples, .. training.Examples.Select(Swapped)] : training.Examples;
        var dev = task.DevSplits.Select(split => TaskSet.Load(reader, split, encoder, warn)).ToList();
        return new TaskSets(training with { Examples = examples }, encoder.EncodeAll(examples), dev);
    }

    /// <summary>What a model that has learnt nothing but the most frequent answer would say.</summary>
    public IReadOnlyList<TaskPrediction> MajorityOn(TaskSet set)
    {
        if (set.Dataset.Examples.Count == 0) return [];
        switch (Task.Kind)
        {
            case TaskKind.Regression:
                var mean = _training.Examples.OfType<TextExample>().Select(example => example.Value).OfType<double>().Average();
                return [.. set.Dataset.Examples.Select(example => new ValuePrediction(example.Id, mean))];
            case TaskKind.MultiLabel:
                var shares = Enumerable.Range(0, Labels.Count).Select(label => _training.Examples.OfType<TextExample>().Average(example => example.IsLabelled![label] ? 1.0 : 0)).ToArray();
                return [.. set.Dataset.Examples.Select(example => new LabelSetPrediction(example.Id, shares))];
            case TaskKind.Tagging:
                var scheme = (Task.Tagging ?? new TaskTagging()).Scheme;
                var tag = MostFrequent(_training.Examples.OfType<TaggedExample>().SelectMany(example => TagSequence.Write([.. example.Tags ?? []], scheme)));
                return [.. set.Dataset.Examples.OfType<TaggedExample>().Select(example => new TagPrediction(
                    example.Id, [.. example.Words.Select(_ => tag)], [.. example.Words.Select(_ => 1.0)]))];
            case TaskKind.QuestionAnswering:
                return [.. set.Dataset.Examples.Select(example => new AnswerPrediction(example.Id, "", 0, []))];
            default:
                var majority = MostFrequent(_training.Examples.OfType<TextExample>().Select(example => example.Class).OfType<int>());
                var sure = Enumerable.Range(0, Labels.Count).Select(label => label == majority ? 1.0 : 0).ToArray();
                return [.. set.Dataset.Examples.Select(example => new ClassPrediction(example.Id, majority, sure))];
        }
    }

    static T MostFrequent<T>(IEnumerable<T> values) where T : notnull => values.GroupBy(value => value).OrderByDescending(group => group.Count()).First().Key;

    static TaskExample Swapped(TaskExample example) =>
        example is TextExample { SecondText: { } second } pair ? pair with { Text = second, SecondText = pair.Text } : example;
}
