namespace Electra.FineTuning;

/// <summary>What predicting needs to know beside network, tokenizer and task: <c>task_model.json</c> in a fine-tuned model's directory.</summary>
/// <param name="MaxLength">Tokens of a row that the model was trained on.</param>
/// <param name="NoAnswerThreshold">Question answering: null score above which a question counts as not answered; chosen on the dev set.</param>
public sealed record TaskModelSettings(int MaxLength, double? NoAnswerThreshold = null);
