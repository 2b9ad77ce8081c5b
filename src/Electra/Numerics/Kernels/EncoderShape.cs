namespace Electra.Numerics.Kernels;

/// <summary>The sizes of a transformer encoder of BERT's kind.</summary>
/// <param name="VocabularySize">Rows of the word embedding table.</param>
/// <param name="MaxPositions">Rows of the position embedding table.</param>
/// <param name="TokenTypes">Rows of the token type table.</param>
/// <param name="EmbeddingSize">Width of the embeddings. Where it differs from the hidden size, a projection follows them.</param>
/// <param name="HiddenSize">Width of the hidden states; a multiple of <paramref name="NumHeads"/>.</param>
/// <param name="NumLayers">Number of layers.</param>
/// <param name="NumHeads">Attention heads per layer.</param>
/// <param name="IntermediateSize">Inner width of the feed-forward networks.</param>
/// <param name="NormEpsilon">Added to the variance in layer normalisation.</param>
public sealed record EncoderShape(
    int VocabularySize, int MaxPositions, int TokenTypes, int EmbeddingSize,
    int HiddenSize, int NumLayers, int NumHeads, int IntermediateSize, float NormEpsilon = 1e-12f)
{
    /// <summary>True when a linear layer leads from the embeddings to the hidden size.</summary>
    public bool HasProjection => EmbeddingSize != HiddenSize;

    /// <summary>Width of one attention head.</summary>
    public int HeadSize => HiddenSize / NumHeads;

    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, or the heads do not divide the hidden size.</exception>
    internal void Validate()
    {
        ReadOnlySpan<int> sizes = [VocabularySize, MaxPositions, TokenTypes, EmbeddingSize, HiddenSize, NumLayers, NumHeads, IntermediateSize];
        foreach (var size in sizes)
            if (size <= 0) throw new ArgumentOutOfRangeException(nameof(EncoderShape), size, "Every size of an encoder is positive.");
        if (HiddenSize % NumHeads != 0)
            throw new ArgumentOutOfRangeException(nameof(NumHeads), NumHeads, $"The heads must divide the hidden size of {HiddenSize}.");
    }
}
