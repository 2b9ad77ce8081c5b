using System.CommandLine;
using Electra.Inference;
using Electra.Model;
using Electra.Numerics;
using Electra.Tokenization;

namespace Electra.Cli;

/// <summary>
/// <c>electra bench embed</c>: what <c>embed</c> does, timed from text to vectors. Without a model: random weights of base size, which take
/// as long as trained ones, and bundled sentences at their natural lengths.
/// </summary>
static class EmbedBench
{
    const int LongestSentence = 128;

    public static Command Create() => InferenceSpeed.Command(
        "embed", "Tokens per second and utilisation of inference.",
        new Option<string?>("--model") { Description = "A model directory; random weights of base size by default." }, numSentences: 2000, Run);

    static InferenceSpeed Run(string? directory, int numSentences, int runs, MachineRate machine)
    {
        TorchLibrary.EnsureLoaded();
        var precision = InferencePrecision.Choose();
        using var embedder = directory is null ? RandomBase(precision) : TextEmbedder.Load(directory, precision: precision);
        var texts = BundledSentences.Read(numSentences, text => embedder.CountTokens(text) <= LongestSentence);
        var lengths = texts.Select(embedder.CountTokens).ToList();
        return InferenceSpeed.Measure(
            texts, part => embedder.Embed(part), lengths.Sum(length => (long)length), lengths.Sum(length => ForwardFlops.Encoder(embedder.Config, length)),
            runs, machine, ComputeDevice.Describe(precision, embedder.KernelPrecision));
    }

    static TextEmbedder RandomBase(Precision precision)
    {
        using var dataset = BundledDataset.Open();
        var tokenizer = TokenizerDirectory.Load(dataset.TokenizerDirectory);
        var config = new EncoderConfig(
            VocabSize: tokenizer.Vocabulary.Count, EmbeddingSize: 768, HiddenSize: 768, NumHiddenLayers: 12, NumAttentionHeads: 12, IntermediateSize: 3072);
        var network = new PretrainedNetwork(new NetworkConfig(Architecture.Named("ElectraModel"), config), precision, ComputeDevice.InUse);
        network.Initialize(seed: 0);
        return new TextEmbedder(network, tokenizer);
    }
}
