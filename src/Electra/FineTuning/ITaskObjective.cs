using Electra.FineTuning.Tasks;
using Electra.Model;
using static TorchSharp.torch;

namespace Electra.FineTuning;

/// <summary>What a kind of task learns from a head's outputs, and how they are read off.</summary>
interface ITaskObjective
{
    /// <summary>What the loss of these rows is divided by: examples, words or windows, by the weight of their classes.</summary>
    double Weight(IReadOnlyList<EncodedExample> rows);

    /// <summary>The loss summed over rows, a scalar in the caller's dispose scope.</summary>
    /// <param name="outputs">Of the network on <paramref name="batch"/>.</param>
    /// <param name="batch">The rows as tokens.</param>
    /// <param name="rows">The rows with their labels; windows of one example stand together.</param>
    Tensor Loss(IReadOnlyDictionary<string, Tensor> outputs, TokenBatch batch, IReadOnlyList<EncodedExample> rows);

    /// <summary>The outputs of each row as plain numbers.</summary>
    IReadOnlyList<WindowScores> Read(IReadOnlyDictionary<string, Tensor> outputs, TokenBatch batch, IReadOnlyList<EncodedExample> rows);

    /// <summary>The objective of a task.</summary>
    /// <param name="network">Whose head gives the outputs.</param>
    /// <param name="task">What is asked.</param>
    /// <param name="loss">How classes are weighted.</param>
    static ITaskObjective Of(PretrainedNetwork network, TaskDefinition task, ClassLoss loss) => task.Kind switch
    {
        TaskKind.Tagging => new TaggingObjective(loss),
        TaskKind.QuestionAnswering when network.Head is JointQuestionAnsweringHead head => new JointSpanObjective(head, (task.Windows ?? new TaskWindows()).NumBest),
        TaskKind.QuestionAnswering => new SpanObjective(),
        var kind => new SequenceObjective(kind, loss, task.Windows?.Combine ?? WindowMerge.Mean),
    };
}
