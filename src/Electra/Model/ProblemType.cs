namespace Electra.Model;

/// <summary>How a sequence classification is scored.</summary>
public enum ProblemType
{
    /// <summary>A number for each input, by squared error.</summary>
    Regression,
    /// <summary>One of the labels, by cross entropy.</summary>
    SingleLabelClassification,
    /// <summary>Any number of the labels, by binary cross entropy.</summary>
    MultiLabelClassification,
}
