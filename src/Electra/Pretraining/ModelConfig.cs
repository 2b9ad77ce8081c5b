using Electra.Model;

namespace Electra.Pretraining;

/// <summary>Sizes of the network that is kept, and of its generator if it has one. The vocabulary's size comes from the dataset.</summary>
/// <param name="Generator">The generator's own sizes; null for objectives without one.</param>
/// <param name="EmbeddingSize">Width of the embedding tables; only ELECTRA's may differ from the hidden size.</param>
/// <param name="HiddenSize">Width.</param>
/// <param name="NumLayers">Layers.</param>
/// <param name="NumAttentionHeads">Must divide the hidden size.</param>
/// <param name="IntermediateSize">Width inside the feed-forward block.</param>
/// <param name="MaxPositionEmbeddings">Tokens of the longest input.</param>
/// <param name="HiddenDropout">Share of activations dropped in training.</param>
/// <param name="AttentionDropout">Share of attention probabilities dropped in training.</param>
/// <param name="InitializerRange">Standard deviation of initial weights. The paper's 0.02 suits widths of hundreds; a network of 128 learns sooner from about 1 / sqrt(width).</param>
/// <param name="Family">Whose encoder: <c>electra</c>, <c>bert</c>, or <c>roberta</c>, which has no token types.</param>
public sealed record ModelConfig(
    GeneratorConfig? Generator = null,
    int EmbeddingSize = 128,
    int HiddenSize = 256,
    int NumLayers = 12,
    int NumAttentionHeads = 4,
    int IntermediateSize = 1024,
    int MaxPositionEmbeddings = 512,
    double HiddenDropout = 0.1,
    double AttentionDropout = 0.1,
    double InitializerRange = 0.02,
    EncoderFamily Family = EncoderFamily.Electra)
{
    /// <summary>RoBERTa's LayerNorm, as fairseq and Hugging Face have it.</summary>
    const double RobertaLayerNormEpsilon = 1e-5;

    /// <summary>The encoder that is kept.</summary>
    public EncoderConfig Encoder(int vocabularySize, int paddingId)
    {
        var config = new EncoderConfig(
            Family, vocabularySize, EmbeddingSize, HiddenSize, NumLayers, NumAttentionHeads, IntermediateSize, "gelu",
            HiddenDropout, AttentionDropout, MaxPositionEmbeddings, InitializerRange: InitializerRange, PadTokenId: paddingId);
        return Family == EncoderFamily.Roberta
            ? config with { MaxPositionEmbeddings = MaxPositionEmbeddings + config.FirstPosition, TypeVocabSize = 1, LayerNormEps = RobertaLayerNormEpsilon }
            : config;
    }

    /// <summary>The generator's encoder, on the same tables.</summary>
    /// <param name="encoder">What <see cref="Encoder"/> gave.</param>
    /// <exception cref="InvalidOperationException">There is no generator.</exception>
    public EncoderConfig GeneratorEncoder(EncoderConfig encoder) => Generator switch
    {
        null => throw new InvalidOperationException("The recipe has no model.generator."),
        { Sharing: GeneratorSharing.Everything } => encoder,
        var generator => encoder with
        {
            HiddenSize = generator.HiddenSize,
            NumHiddenLayers = generator.NumLayers,
            NumAttentionHeads = generator.NumAttentionHeads,
            IntermediateSize = generator.IntermediateSize,
            EmbeddingSize = generator.Sharing == GeneratorSharing.Embeddings ? EmbeddingSize : generator.EmbeddingSize > 0 ? generator.EmbeddingSize : generator.HiddenSize,
        },
    };

    /// <summary>Every impossible size, one message each.</summary>
    public IEnumerable<string> Problems()
    {
        var encoder = Encoder(1, 0);
        var problems = encoder.Problems();
        if (Generator is null) return problems;
        problems = problems.Concat(GeneratorEncoder(encoder).Problems().Select(problem => $"generator: {problem}"));
        if (Generator.EmbeddingSize > 0 && Generator.Sharing != GeneratorSharing.Nothing) problems = problems.Append("generator.embedding_size needs generator.sharing nothing");
        var sizes = (Generator.HiddenSize, Generator.NumLayers, Generator.NumAttentionHeads, Generator.IntermediateSize);
        return Generator.Sharing == GeneratorSharing.Everything && sizes != (HiddenSize, NumLayers, NumAttentionHeads, IntermediateSize)
            ? problems.Append("generator.sharing everything needs the model's own sizes in generator")
            : problems;
    }
}

/// <summary>Sizes of the generator; the paper finds a quarter to a half of the discriminator's width best.</summary>
/// <param name="HiddenSize">Width.</param>
/// <param name="NumLayers">Layers.</param>
/// <param name="NumAttentionHeads">Must divide the hidden size.</param>
/// <param name="IntermediateSize">Width inside the feed-forward block.</param>
/// <param name="Sharing">What it has in common with the network that is kept.</param>
/// <param name="EmbeddingSize">Width of tables of its own, where it shares nothing; 0 takes its hidden size, as google-research/electra does.</param>
public sealed record GeneratorConfig(
    int HiddenSize = 64, int NumLayers = 12, int NumAttentionHeads = 1, int IntermediateSize = 256,
    GeneratorSharing Sharing = GeneratorSharing.Embeddings, int EmbeddingSize = 0);
