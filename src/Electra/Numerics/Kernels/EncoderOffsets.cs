namespace Electra.Numerics.Kernels;

/// <summary>
/// Where an encoder's parameters begin inside one flat float32 buffer. Matrices have PyTorch's layout (out, in). Query, key
/// and value follow each other, so that one product serves the three.
/// </summary>
public sealed record EncoderOffsets(
    long WordEmbeddings, long PositionEmbeddings, long TokenTypeEmbeddings, long EmbeddingNormWeight, long EmbeddingNormBias,
    long ProjectionWeight, long ProjectionBias, IReadOnlyList<LayerOffsets> Layers)
{
    /// <summary>Finds the offsets by the parameters' names in Hugging Face checkpoints, without the model's prefix.</summary>
    /// <param name="shape">The encoder's sizes.</param>
    /// <param name="offsetOf">The offset of a parameter, such as "encoder.layer.0.attention.self.query.weight".</param>
    /// <exception cref="ArgumentException">Query, key and value do not follow each other.</exception>
    public static EncoderOffsets ByName(EncoderShape shape, Func<string, long> offsetOf) => new(
        offsetOf("embeddings.word_embeddings.weight"),
        offsetOf("embeddings.position_embeddings.weight"),
        offsetOf("embeddings.token_type_embeddings.weight"),
        offsetOf("embeddings.LayerNorm.weight"),
        offsetOf("embeddings.LayerNorm.bias"),
        shape.HasProjection ? offsetOf("embeddings_project.weight") : 0,
        shape.HasProjection ? offsetOf("embeddings_project.bias") : 0,
        [.. Enumerable.Range(0, shape.NumLayers).Select(layer => LayerOffsets.ByName(shape, $"encoder.layer.{layer}.", offsetOf))]);

    /// <summary>A layout of its own without the word embeddings: what a worker sums gradients in before they are added up.</summary>
    internal static EncoderOffsets WithoutWords(EncoderShape shape, out long length)
    {
        var next = 0L;
        long Take(long rows, long columns)
        {
            var offset = next;
            next += Float32Packing.RoundUp(rows * columns, 16);
            return offset;
        }
        var (e, h, f) = (shape.EmbeddingSize, shape.HiddenSize, shape.IntermediateSize);
        var offsets = new EncoderOffsets(
            0, Take(shape.MaxPositions, e), Take(shape.TokenTypes, e), Take(1, e), Take(1, e),
            shape.HasProjection ? Take(h, e) : 0, shape.HasProjection ? Take(1, h) : 0,
            [.. Enumerable.Range(0, shape.NumLayers).Select(_ => new LayerOffsets(
                Take(3 * h, h), Take(1, 3 * h), Take(h, h), Take(1, h), Take(1, h), Take(1, h),
                Take(f, h), Take(1, f), Take(h, f), Take(1, h), Take(1, h), Take(1, h)))]);
        length = next;
        return offsets;
    }

    /// <summary>Every parameter but the word embeddings, in one order for every layout, and whether it is a matrix of a product.</summary>
    internal IEnumerable<(long Offset, long Length, bool IsMatrix)> Segments(EncoderShape shape)
    {
        long e = shape.EmbeddingSize, h = shape.HiddenSize, f = shape.IntermediateSize;
        yield return (PositionEmbeddings, shape.MaxPositions * e, false);
        yield return (TokenTypeEmbeddings, shape.TokenTypes * e, false);
        yield return (EmbeddingNormWeight, e, false);
        yield return (EmbeddingNormBias, e, false);
        if (shape.HasProjection) yield return (ProjectionWeight, h * e, true);
        if (shape.HasProjection) yield return (ProjectionBias, h, false);
        foreach (var layer in Layers)
        {
            yield return (layer.QueryKeyValueWeight, 3 * h * h, true);
            yield return (layer.QueryKeyValueBias, 3 * h, false);
            yield return (layer.AttentionOutputWeight, h * h, true);
            yield return (layer.AttentionOutputBias, h, false);
            yield return (layer.AttentionNormWeight, h, false);
            yield return (layer.AttentionNormBias, h, false);
            yield return (layer.IntermediateWeight, f * h, true);
            yield return (layer.IntermediateBias, f, false);
            yield return (layer.OutputWeight, h * f, true);
            yield return (layer.OutputBias, h, false);
            yield return (layer.OutputNormWeight, h, false);
            yield return (layer.OutputNormBias, h, false);
        }
    }
}

/// <summary>Where one layer's parameters begin.</summary>
public sealed record LayerOffsets(
    long QueryKeyValueWeight, long QueryKeyValueBias, long AttentionOutputWeight, long AttentionOutputBias,
    long AttentionNormWeight, long AttentionNormBias, long IntermediateWeight, long IntermediateBias,
    long OutputWeight, long OutputBias, long OutputNormWeight, long OutputNormBias)
{
    internal static LayerOffsets ByName(EncoderShape shape, string prefix, Func<string, long> offsetOf)
    {
        long hidden = shape.HiddenSize;
        return new(
            Consecutive("weight", hidden * hidden), Consecutive("bias", hidden),
            offsetOf(prefix + "attention.output.dense.weight"), offsetOf(prefix + "attention.output.dense.bias"),
            offsetOf(prefix + "attention.output.LayerNorm.weight"), offsetOf(prefix + "attention.output.LayerNorm.bias"),
            offsetOf(prefix + "intermediate.dense.weight"), offsetOf(prefix + "intermediate.dense.bias"),
            offsetOf(prefix + "output.dense.weight"), offsetOf(prefix + "output.dense.bias"),
            offsetOf(prefix + "output.LayerNorm.weight"), offsetOf(prefix + "output.LayerNorm.bias"));

        long Consecutive(string parameter, long length)
        {
            var query = offsetOf($"{prefix}attention.self.query.{parameter}");
            var key = offsetOf($"{prefix}attention.self.key.{parameter}");
            var value = offsetOf($"{prefix}attention.self.value.{parameter}");
            return key == query + length && value == key + length
                ? query
                : throw new ArgumentException($"{prefix}attention.self: query, key and value {parameter} must follow each other, not lie at {query}, {key}, {value}.");
        }
    }
}
