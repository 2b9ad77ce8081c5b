namespace Electra.FineTuning.Tasks;

/// <summary>How tags are written and learnt.</summary>
/// <param name="Scheme">The files' scheme.</param>
/// <param name="LearnAs">The scheme that the model learns; null: the files'. The paper's code learns BIO as BIOES.</param>
public sealed record TaskTagging(TagScheme Scheme = TagScheme.Bio, TagScheme? LearnAs = null)
{
    /// <summary>The scheme that the model learns.</summary>
    internal TagScheme Learnt => LearnAs ?? Scheme;
}
