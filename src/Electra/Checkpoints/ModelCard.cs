using System.Text;
using Electra.Model;

namespace Electra.Checkpoints;

/// <summary>What a model's README.md says about where it comes from.</summary>
/// <param name="Title">Its name.</param>
/// <param name="Data">What it was trained on; null if not recorded.</param>
/// <param name="Steps">Training steps; null if not recorded.</param>
/// <param name="Figures">Measured values by name, such as held-out AUC.</param>
/// <param name="License">SPDX identifier of the weights' licence; null leaves the field to be filled.</param>
/// <param name="Language">Language code of the training text; null leaves it out.</param>
/// <param name="BaseModel">What training began from; null for random weights or not recorded.</param>
public sealed record ModelCard(
    string Title,
    string? Data = null,
    long? Steps = null,
    IReadOnlyDictionary<string, string>? Figures = null,
    string? License = null,
    string? Language = null,
    string? BaseModel = null)
{
    /// <summary>Its name in a model directory.</summary>
    public const string FileName = "README.md";

    /// <summary>The card with its header for model hubs.</summary>
    public string ToMarkdown(NetworkConfig network, long numParameters)
    {
        var encoder = network.Encoder;
        var text = new StringBuilder();
        text.Append("---\n");
        text.Append($"license: {License ?? "other"}\n");
        if (Language is not null) text.Append($"language: {Language}\n");
        text.Append("library_name: transformers\n");
        if (PipelineTag(network.Architecture) is { } tag) text.Append($"pipeline_tag: {tag}\n");
        text.Append($"tags:\n- {network.Architecture.Prefix}\n");
        text.Append("---\n\n");
        text.Append($"# {Title}\n\n");
        text.Append($"`{network.Architecture}` with {numParameters:N0} weights: {encoder.NumHiddenLayers} layers, hidden size {encoder.HiddenSize}, ");
        text.Append($"{encoder.NumAttentionHeads} heads, vocabulary {encoder.VocabSize:N0}, inputs up to {encoder.MaxLength} tokens.\n\n");
        text.Append("| | |\n|---|---|\n");
        text.Append($"| Data | {Cell(Data)} |\n");
        text.Append($"| Steps | {(Steps is { } steps ? $"{steps:N0}" : "not recorded")} |\n");
        text.Append($"| Began from | {Cell(BaseModel)} |\n");
        text.Append($"| Licence | {License ?? "not stated: fill in `license` above before publishing"} |\n");
        if (Figures is { Count: > 0 })
        {
            text.Append("\n## Figures\n\n| | |\n|---|---|\n");
            foreach (var (name, value) in Figures) text.Append($"| {Cell(name)} | {Cell(value)} |\n");
        }
        return text.ToString();
    }

    static string? PipelineTag(Architecture architecture) => architecture.Head switch
    {
        HeadKind.MaskedLanguageModel or HeadKind.MaskedLanguageModelAndNextSentence => "fill-mask",
        HeadKind.SequenceClassification => "text-classification",
        HeadKind.TokenClassification => "token-classification",
        HeadKind.QuestionAnswering or HeadKind.JointQuestionAnswering => "question-answering",
        HeadKind.None => "feature-extraction",
        _ => null,
    };

    static string Cell(string? value) => value?.Replace('\n', ' ').Replace("|", "\\|", StringComparison.Ordinal) ?? "not recorded";
}
