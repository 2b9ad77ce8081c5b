namespace Electra.Model;

/// <summary>What stands on an encoder.</summary>
public enum HeadKind
{
    /// <summary>Nothing, or the pooler that bare BERT and RoBERTa have.</summary>
    None,
    /// <summary>Says of every token whether it was replaced.</summary>
    ReplacedToken,
    /// <summary>Predicts tokens.</summary>
    MaskedLanguageModel,
    /// <summary>BERT's two objectives.</summary>
    MaskedLanguageModelAndNextSentence,
    /// <summary>One label, several or a number for a whole input.</summary>
    SequenceClassification,
    /// <summary>One label for each token.</summary>
    TokenClassification,
    /// <summary>The first and last token of an answer.</summary>
    QuestionAnswering,
    /// <summary>The first token of an answer, the last one given the first, and whether there is an answer.</summary>
    JointQuestionAnswering,
}
