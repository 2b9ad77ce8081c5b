using Electra.Tokenization;

namespace Electra.FineTuning.Tasks;

/// <summary>One row for the encoder, with its labels: an example, or one window of a long one.</summary>
/// <param name="Example">Index of the example among those encoded together.</param>
/// <param name="Window">Which of the example's windows it is, from 0.</param>
/// <param name="Text">Ids, token types and where in the text each token stands; without padding.</param>
public sealed record EncodedExample(int Example, int Window, EncodedText Text)
{
    /// <summary>A label that counts for nothing.</summary>
    public const int Ignored = -100;

    /// <summary>Number of tokens T, special ones included.</summary>
    public int Length => Text.Length;

    /// <summary>Classification: the class; <see cref="Ignored"/> without labels.</summary>
    public int Class { get; init; } = Ignored;

    /// <summary>Regression: one number, within the label range if the task has one scaled to 0..1; multi-label: (L) 0 or 1. Empty without labels.</summary>
    public float[] Targets { get; init; } = [];

    /// <summary>Tagging: (T) the tag's number at the first piece of each word, <see cref="Ignored"/> elsewhere; empty without labels.</summary>
    public int[] TokenLabels { get; init; } = [];

    /// <summary>Tagging: (W) the token that stands for each word of the example, its first piece; -1 where the window lacks the word.</summary>
    public int[] WordTokens { get; init; } = [];

    /// <summary>Question answering: the answer's first token; 0, the start token, if the window holds none. <see cref="Ignored"/> without labels.</summary>
    public int Start { get; init; } = Ignored;

    /// <summary>Question answering: the answer's last token, inclusive; 0 if the window holds none.</summary>
    public int End { get; init; } = Ignored;

    /// <summary>Question answering: true if the text does not answer, or not in this window.</summary>
    public bool IsImpossible { get; init; }

    /// <summary>Question answering: (T) true for tokens of the context, which alone may be an answer.</summary>
    public bool[] IsContext { get; init; } = [];

    /// <summary>Question answering: (T) true where no other window of the example sees more around the same token.</summary>
    public bool[] HasMaxContext { get; init; } = [];
}
