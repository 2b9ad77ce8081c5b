using Electra.Tokenization;

namespace Electra.FineTuning.Tasks;

/// <summary>
/// Examples to rows for the encoder, with labels: one row an example, or overlapping windows where a text is too long. The frame is the
/// tokenizer's: [CLS] A [SEP] B [SEP] with token types, or &lt;s&gt; A &lt;/s&gt;&lt;/s&gt; B &lt;/s&gt; without.
/// </summary>
public sealed class TaskEncoder
{
    readonly TaskDefinition _task;
    readonly TextEncoder _texts;
    readonly TagEncoder _tags;
    readonly QuestionEncoder _questions;
    readonly TextWindows? _windows;

    /// <param name="task">Its kind, label range and windows.</param>
    /// <param name="labels">Of <see cref="TaskReader.Labels"/>.</param>
    /// <param name="tokenizer">The model's.</param>
    /// <param name="maxLength">Tokens of a row, special ones included, at most.</param>
    /// <exception cref="ArgumentException">The length leaves no room for text.</exception>
    public TaskEncoder(TaskDefinition task, IReadOnlyList<string> labels, ITokenizer tokenizer, int maxLength)
    {
        (_task, MaxLength) = (task, maxLength);
        _texts = new TextEncoder(tokenizer, maxLength);
        _tags = new TagEncoder(tokenizer, labels, maxLength, task.Windows?.Stride);
        _questions = new QuestionEncoder(tokenizer, maxLength, task.Windows ?? new TaskWindows());
        _windows = task.Windows is null ? null : new TextWindows(tokenizer, maxLength, task.Windows.Stride);
    }

    /// <summary>Tokens of a row, special ones included, at most.</summary>
    public int MaxLength { get; }

    /// <summary>The rows of an example: at least one, windows in the text's order.</summary>
    /// <param name="example">The example; without labels its rows have none.</param>
    /// <param name="index">What <see cref="EncodedExample.Example"/> says.</param>
    public IReadOnlyList<EncodedExample> Encode(TaskExample example, int index) => example switch
    {
        TaggedExample tagged => _tags.Encode(tagged, index),
        QuestionExample question => _questions.Encode(question, index),
        TextExample text => EncodeText(text, index),
        _ => throw new ArgumentException($"{example.GetType().Name} is no example of {_task.Name}."),
    };

    /// <summary>The rows of many examples, in their order, made on <paramref name="workers"/> cores (all by default).</summary>
    public IReadOnlyList<EncodedExample> EncodeAll(IReadOnlyList<TaskExample> examples, int? workers = null)
    {
        var rows = new IReadOnlyList<EncodedExample>[examples.Count];
        Parallel.For(0, examples.Count, new ParallelOptions { MaxDegreeOfParallelism = workers ?? Environment.ProcessorCount },
            index => rows[index] = Encode(examples[index], index));
        return [.. rows.SelectMany(row => row)];
    }

    List<EncodedExample> EncodeText(TextExample example, int index)
    {
        var texts = _windows?.Encode(example.Text, example.SecondText) ?? [_texts.Encode(example.Text, example.SecondText)];
        var targets = Targets(example);
        return [.. texts.Select((text, window) => new EncodedExample(index, window, text)
        {
            Class = example.Class ?? EncodedExample.Ignored, Targets = targets,
        })];
    }

    float[] Targets(TextExample example)
    {
        if (example.Value is { } value) return [(float)(_task.LabelRange?.ToUnit(value) ?? value)];
        return example.IsLabelled is { } flags ? [.. flags.Select(flag => flag ? 1f : 0f)] : [];
    }
}
