namespace Electra.FineTuning.Tasks;

/// <summary>What a model says of one example.</summary>
/// <param name="Id">The example's.</param>
public abstract record TaskPrediction(string Id)
{
    /// <summary>True if the example was longer than the model's rows and cut: what was cut off was not seen.</summary>
    public bool IsTruncated { get; init; }
}

/// <summary>A class.</summary>
/// <param name="Class">The most probable one.</param>
/// <param name="Probabilities">(L), sum 1.</param>
public sealed record ClassPrediction(string Id, int Class, double[] Probabilities) : TaskPrediction(Id);

/// <summary>A number, in the range of the labels.</summary>
public sealed record ValuePrediction(string Id, double Value) : TaskPrediction(Id);

/// <summary>Any number of labels: those with a probability of at least one half.</summary>
/// <param name="Probabilities">(L), each on its own.</param>
public sealed record LabelSetPrediction(string Id, double[] Probabilities) : TaskPrediction(Id)
{
    /// <summary>Whether the label is predicted.</summary>
    public bool Has(int label) => Probabilities[label] >= 0.5;
}

/// <summary>A tag for every word.</summary>
/// <param name="Tags">(W) in the scheme of the files, mended where they jump.</param>
/// <param name="Probabilities">(W) the probability of the tag before repair; NaN for a word that no window holds, which is tagged O.</param>
public sealed record TagPrediction(string Id, string[] Tags, double[] Probabilities) : TaskPrediction(Id)
{
    /// <summary>The tags before repair, of the words that a window holds; null of predictions that were read from a file.</summary>
    public string[]? Said { get; init; }
}

/// <summary>An answer.</summary>
/// <param name="Text">The best answer that is not empty; empty only if there is none.</param>
/// <param name="NullScore">How much likelier it is that the text does not answer; larger means less likely answerable.</param>
/// <param name="Best">The best answers, the first one <paramref name="Text"/>.</param>
public sealed record AnswerPrediction(string Id, string Text, double NullScore, IReadOnlyList<CandidateAnswer> Best) : TaskPrediction(Id)
{
    /// <summary>The answer at a threshold: empty where the null score is above it.</summary>
    public string At(double threshold) => NullScore > threshold ? "" : Text;
}

/// <summary>One of the best answers.</summary>
/// <param name="Text">The words as they stand in the context.</param>
/// <param name="Start">Where they start, in Unicode code points, as SQuAD's files count.</param>
/// <param name="Score">Sum of the scores of start and end; of the joint head of their log probabilities.</param>
/// <param name="Probability">Among the best answers, sum 1.</param>
public sealed record CandidateAnswer(string Text, int Start, double Score, double Probability);
