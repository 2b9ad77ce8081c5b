namespace Electra.Model;

/// <summary>Sizes of one encoder; names and defaults are those of Hugging Face's <c>ElectraConfig</c>, the small discriminator.</summary>
/// <param name="Family">Which published design: decides names, positions and heads.</param>
/// <param name="VocabSize">Rows of the word table.</param>
/// <param name="EmbeddingSize">Width of the embedding tables; where it differs from the hidden size a projection follows.</param>
/// <param name="HiddenSize">Width of the residual stream.</param>
/// <param name="NumHiddenLayers">Transformer layers.</param>
/// <param name="NumAttentionHeads">Must divide the hidden size.</param>
/// <param name="IntermediateSize">Width inside the feed-forward block.</param>
/// <param name="HiddenAct">Activation of the feed-forward block, by its Hugging Face name.</param>
/// <param name="HiddenDropoutProb">Share of activations dropped after embeddings, attention and feed-forward.</param>
/// <param name="AttentionProbsDropoutProb">Share of attention probabilities dropped.</param>
/// <param name="MaxPositionEmbeddings">Rows of the position table; RoBERTa's first two serve padding.</param>
/// <param name="TypeVocabSize">Rows of the token type table.</param>
/// <param name="InitializerRange">Standard deviation of initial weights, cut at two of them.</param>
/// <param name="LayerNormEps">Added to the variance in LayerNorm.</param>
/// <param name="PadTokenId">Id of the padding token.</param>
public sealed record EncoderConfig(
    EncoderFamily Family = EncoderFamily.Electra,
    int VocabSize = 30522,
    int EmbeddingSize = 128,
    int HiddenSize = 256,
    int NumHiddenLayers = 12,
    int NumAttentionHeads = 4,
    int IntermediateSize = 1024,
    string HiddenAct = "gelu",
    double HiddenDropoutProb = 0.1,
    double AttentionProbsDropoutProb = 0.1,
    int MaxPositionEmbeddings = 512,
    int TypeVocabSize = 2,
    double InitializerRange = 0.02,
    double LayerNormEps = 1e-12,
    int PadTokenId = 0)
{
    /// <summary>Beyond any encoder that was ever trained; larger numbers are slips that would ask for all memory.</summary>
    const int LargestSize = 16_777_216, MostLayers = 256;

    /// <summary>Width of one attention head.</summary>
    public int HeadSize => HiddenSize / NumAttentionHeads;

    /// <summary>True if a projection widens the embeddings to the hidden size.</summary>
    public bool HasProjection => EmbeddingSize != HiddenSize;

    /// <summary>Row of the position table that the first token takes.</summary>
    public int FirstPosition => Family == EncoderFamily.Roberta ? PadTokenId + 1 : 0;

    /// <summary>Tokens of the longest input.</summary>
    public int MaxLength => MaxPositionEmbeddings - FirstPosition;

    /// <summary>Every impossible size, one message each; empty if the encoder can be built.</summary>
    public IEnumerable<string> Problems()
    {
        (string Name, int Value)[] sizes =
        [
            ("vocab_size", VocabSize), ("embedding_size", EmbeddingSize), ("hidden_size", HiddenSize),
            ("num_attention_heads", NumAttentionHeads), ("intermediate_size", IntermediateSize),
            ("max_position_embeddings", MaxPositionEmbeddings), ("type_vocab_size", TypeVocabSize),
        ];
        foreach (var (name, value) in sizes)
            if (value is < 1 or > LargestSize) yield return $"{name} is {value}, it must lie in 1..{LargestSize:N0}";
        if (NumHiddenLayers is < 0 or > MostLayers) yield return $"num_hidden_layers is {NumHiddenLayers}, it must lie in 0..{MostLayers}";
        if (NumAttentionHeads > 0 && HiddenSize % NumAttentionHeads != 0)
            yield return $"hidden_size {HiddenSize} is not divisible by num_attention_heads {NumAttentionHeads}";
        if (MaxLength < 1) yield return $"max_position_embeddings {MaxPositionEmbeddings} leaves no position for a token";
        foreach (var (name, value) in new[] { ("hidden_dropout_prob", HiddenDropoutProb), ("attention_probs_dropout_prob", AttentionProbsDropoutProb) })
            if (!(value >= 0 && value < 1)) yield return $"{name} is {value}, it must lie in [0, 1)";
        if (!(LayerNormEps > 0 && double.IsFinite(LayerNormEps))) yield return $"layer_norm_eps is {LayerNormEps}, it must be positive";
        if (!(InitializerRange > 0 && double.IsFinite(InitializerRange))) yield return $"initializer_range is {InitializerRange}, it must be positive";
        if (!Activation.IsKnown(HiddenAct)) yield return $"hidden_act '{HiddenAct}' is unknown, use one of {string.Join(", ", Activation.Names)}";
        if (Family != EncoderFamily.Electra && HasProjection)
            yield return $"embedding_size {EmbeddingSize} differs from hidden_size {HiddenSize}, which only ELECTRA allows";
    }
}
