namespace Electra.Numerics.Kernels;

/// <summary>The sizes of a masked language modelling head, and where its parameters begin inside the flat buffer.</summary>
/// <param name="HiddenSize">Width of the hidden states.</param>
/// <param name="EmbeddingSize">Width of the word embeddings, which are the output layer's weights too.</param>
/// <param name="VocabularySize">Rows of the word embedding table.</param>
/// <param name="NormEpsilon">Added to the variance in layer normalisation.</param>
/// <param name="DenseWeight">(E, H).</param>
/// <param name="DenseBias">(E).</param>
/// <param name="NormWeight">(E).</param>
/// <param name="NormBias">(E).</param>
/// <param name="WordEmbeddings">(V, E).</param>
/// <param name="OutputBias">(V).</param>
public sealed record MaskedTokenHeadShape(
    int HiddenSize, int EmbeddingSize, int VocabularySize, float NormEpsilon,
    long DenseWeight, long DenseBias, long NormWeight, long NormBias, long WordEmbeddings, long OutputBias);

/// <summary>How replacements are drawn from a masked language model's distribution.</summary>
/// <param name="Uniforms">One uniform draw in [0, 1) per masked position.</param>
/// <param name="Temperature">Divides the logits.</param>
/// <param name="ExcludesLabel">True to never draw the original token.</param>
public sealed record TokenSampling(float[] Uniforms, float Temperature = 1, bool ExcludesLabel = false);

/// <summary>What a masked language modelling head found.</summary>
/// <param name="LossSum">Sum of the cross entropies in nats, not divided.</param>
/// <param name="NumCorrect">Positions at which no token has a higher logit than the label.</param>
/// <param name="Samples">One id per position; empty without sampling.</param>
public sealed record MaskedTokenResult(double LossSum, int NumCorrect, int[] Samples);
