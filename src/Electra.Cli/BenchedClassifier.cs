using System.CommandLine;
using Electra.Checkpoints;
using Electra.FineTuning.Tasks;
using Electra.Model;
using Electra.Tokenization;
using Electra.Training;

namespace Electra.Cli;

/// <summary>The task that <c>bench finetune</c> and <c>bench predict</c> are timed on: bundled sentences in two classes, and a classifier with random weights.</summary>
static class BenchedClassifier
{
    const int LongestRow = 128;

    /// <summary>Two classes of sentences.</summary>
    public static readonly TaskDefinition Task = RecipeFile.Parse("""
        { "name": "bench", "kind": "classification", "format": { "type": "tsv" }, "columns": { "text": "text", "label": "label" },
          "splits": { "train": { "file": "train.tsv" } }, "labels": ["even", "odd"], "metrics": ["accuracy"] }
        """, "bench", TaskJson.Default.TaskDefinition);

    /// <summary>Whose sizes are taken.</summary>
    public static Option<string?> ModelOption() => new("--model")
    {
        Description = "A model directory, of which sizes and vocabulary are taken; base size by default. Weights are random in either case.",
    };

    /// <summary>A classifier of the directory's sizes, or of ELECTRA-Base's (Clark et al. 2020, table 6).</summary>
    /// <returns>Its sizes, its tokenizer and the tokens of its longest row.</returns>
    public static (NetworkConfig Network, ITokenizer Tokenizer, int MaxLength) Of(string? directory)
    {
        if (directory is not null)
        {
            var encoder = ModelDirectory.ReadConfig(directory).Network.Encoder;
            return (Classifier(encoder), TokenizerDirectory.Load(directory), Math.Min(LongestRow, encoder.MaxLength));
        }
        using var dataset = BundledDataset.Open();
        var tokenizer = TokenizerDirectory.Load(dataset.TokenizerDirectory);
        return (Classifier(new EncoderConfig(
            VocabSize: tokenizer.Vocabulary.Count, EmbeddingSize: 768, HiddenSize: 768, NumHiddenLayers: 12, NumAttentionHeads: 12, IntermediateSize: 3072,
            PadTokenId: tokenizer.SpecialTokens.Padding)), tokenizer, LongestRow);
    }

    static NetworkConfig Classifier(EncoderConfig encoder) =>
        new(Architecture.Of(encoder.Family, HeadKind.SequenceClassification), encoder, Task.Labels!);         // the task above names them
}
