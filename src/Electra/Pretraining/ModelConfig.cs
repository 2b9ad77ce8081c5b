using Electra.Model;

namespace Electra.Pretraining;

/// <summary>Sizes of a discriminator and its generator. The vocabulary's size comes from the dataset.</summary>
/// <param name="Generator">The generator's own sizes.</param>
/// <param name="EmbeddingSize">Width of the embedding tables, which both networks share.</param>
/// <param name="HiddenSize">Width of the discriminator.</param>
/// <param name="NumLayers">Layers of the discriminator.</param>
/// <param name="NumAttentionHeads">Must divide the hidden size.</param>
/// <param name="IntermediateSize">Width inside the feed-forward block.</param>
/// <param name="MaxPositionEmbeddings">Tokens of the longest input.</param>
/// <param name="HiddenDropout">Share of activations dropped in training.</param>
/// <param name="AttentionDropout">Share of attention probabilities dropped in training.</param>
/// <param name="InitializerRange">Standard deviation of initial weights. The paper's 0.02 suits widths of hundreds; a network of 128 learns sooner from about 1 / sqrt(width).</param>
public sealed record ModelConfig(
    GeneratorConfig Generator,
    int EmbeddingSize = 128,
    int HiddenSize = 256,
    int NumLayers = 12,
    int NumAttentionHeads = 4,
    int IntermediateSize = 1024,
    int MaxPositionEmbeddings = 512,
    double HiddenDropout = 0.1,
    double AttentionDropout = 0.1,
    double InitializerRange = 0.02)
{
    /// <summary>The discriminator's encoder.</summary>
    public EncoderConfig DiscriminatorEncoder(int vocabularySize, int paddingId) => new(
        EncoderFamily.Electra, vocabularySize, EmbeddingSize, HiddenSize, NumLayers, NumAttentionHeads, IntermediateSize, "gelu",
        HiddenDropout, AttentionDropout, MaxPositionEmbeddings,
        InitializerRange: InitializerRange, PadTokenId: paddingId);

    /// <summary>The generator's encoder, on the same tables.</summary>
    public EncoderConfig GeneratorEncoder(int vocabularySize, int paddingId) => DiscriminatorEncoder(vocabularySize, paddingId) with
    {
        HiddenSize = Generator.HiddenSize,
        NumHiddenLayers = Generator.NumLayers,
        NumAttentionHeads = Generator.NumAttentionHeads,
        IntermediateSize = Generator.IntermediateSize,
    };

    /// <summary>Every impossible size, one message each.</summary>
    public IEnumerable<string> Problems() =>
        DiscriminatorEncoder(1, 0).Problems().Concat(GeneratorEncoder(1, 0).Problems().Select(problem => $"generator: {problem}"));
}

/// <summary>Sizes of the generator; the paper finds a quarter to a half of the discriminator's width best.</summary>
/// <param name="HiddenSize">Width.</param>
/// <param name="NumLayers">Layers.</param>
/// <param name="NumAttentionHeads">Must divide the hidden size.</param>
/// <param name="IntermediateSize">Width inside the feed-forward block.</param>
public sealed record GeneratorConfig(int HiddenSize = 64, int NumLayers = 12, int NumAttentionHeads = 1, int IntermediateSize = 256);
