namespace Electra.FineTuning.Tasks;

/// <summary>What the model says of one row.</summary>
/// <param name="Logits">Classification, multi-label: (L). Regression: (1). Tagging: (T x L), token by token. Question answering: empty.</param>
public sealed record WindowScores(float[] Logits)
{
    /// <summary>Question answering: (T) scores of an answer's first token; of the joint head log probabilities.</summary>
    public float[] Start { get; init; } = [];

    /// <summary>Question answering, plain head: (T) scores of an answer's last token.</summary>
    public float[] End { get; init; } = [];

    /// <summary>Joint head: (K) the K first tokens that score best; their ends are scored in <see cref="EndGivenStart"/>.</summary>
    public int[] TopStarts { get; init; } = [];

    /// <summary>Joint head: (K x T) log probabilities of the last token, given each of <see cref="TopStarts"/>.</summary>
    public float[] EndGivenStart { get; init; } = [];

    /// <summary>Joint head: the logit that there is no answer; null for the plain head, which says so by the start token.</summary>
    public float? NoAnswer { get; init; }

    /// <summary>False where a score is no number, as damaged weights give it; log probabilities may be infinite.</summary>
    public bool AreNumbers => !Logits.Concat(Start).Concat(End).Concat(EndGivenStart).Append(NoAnswer ?? 0).Any(float.IsNaN);
}
