namespace Electra.FineTuning.Tasks;

/// <summary>What a task asks of a model.</summary>
public enum TaskKind
{
    /// <summary>One of several classes for a text.</summary>
    Classification,
    /// <summary>One of several classes for two texts.</summary>
    PairClassification,
    /// <summary>A number for a text or for two.</summary>
    Regression,
    /// <summary>Any number of labels for a text or for two.</summary>
    MultiLabel,
    /// <summary>A tag for every word.</summary>
    Tagging,
    /// <summary>The part of a text that answers a question, or that none does.</summary>
    QuestionAnswering,
}
