namespace Electra.FineTuning.Tasks;

/// <summary>How a text longer than the model takes is divided, and how answers are read from its windows.</summary>
/// <param name="Stride">Tokens from one window's start to the next one's.</param>
/// <param name="Combine">Classification and regression: how the windows' outputs become one.</param>
/// <param name="MaxQuestionLength">Tokens of the question; what is over is cut off.</param>
/// <param name="MaxAnswerLength">Tokens of an answer, at most.</param>
/// <param name="NumBest">Answers kept for each question.</param>
public sealed record TaskWindows(
    int Stride = 128, WindowMerge Combine = WindowMerge.Mean, int MaxQuestionLength = 64, int MaxAnswerLength = 30, int NumBest = 20)
{
    internal IEnumerable<string> Problems()
    {
        (string Name, int Value)[] counts =
        [
            ("stride", Stride), ("max_question_length", MaxQuestionLength), ("max_answer_length", MaxAnswerLength), ("num_best", NumBest),
        ];
        foreach (var (name, value) in counts)
            if (value < 1) yield return $"windows.{name} is {value}, it must be at least 1";
    }
}

/// <summary>How the outputs of several windows become one.</summary>
public enum WindowMerge
{
    /// <summary>The mean of the logits.</summary>
    Mean,
    /// <summary>The largest logit of each class.</summary>
    Max,
}
