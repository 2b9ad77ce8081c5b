namespace Electra.Numerics.Kernels;

/// <summary>
/// A masked language modelling head (Devlin et al. 2019, section 3.1) for the masked positions alone: dense, GELU, layer
/// normalisation, logits over the vocabulary with the word embeddings as weights, cross entropy. The gradient and a draw from
/// the distribution come out of the same pass.
/// </summary>
// Shapes: T tokens, M masked positions, H hidden, E embedding size, V vocabulary.
public sealed unsafe class MaskedTokenHead : IDisposable
{
    readonly MaskedTokenHeadShape _shape;
    readonly IMaskedTokenPass _pass;

    /// <param name="shape">Sizes and places of the parameters.</param>
    /// <param name="team">The threads; they may serve others between calls.</param>
    /// <param name="precision">Of products; bfloat16 where the sizes are such that it serves, else float32.</param>
    public MaskedTokenHead(MaskedTokenHeadShape shape, WorkerTeam team, Precision precision = Precision.Float32)
    {
        _shape = shape;
        // A narrow generator's transform does not decide: its hidden size needs no packing into pairs of vectors.
        _pass = precision == Precision.BFloat16 && BFloat16Sizes.Serve(shape.EmbeddingSize)
            ? new MaskedTokenPass<BFloat16>(shape, team)
            : new MaskedTokenPass<Float32>(shape, team);
    }

    /// <summary>Computes loss and gradients, and draws replacements.</summary>
    /// <param name="parameters">The flat buffer.</param>
    /// <param name="hidden">(T, H).</param>
    /// <param name="positions">(M) rows of <paramref name="hidden"/>.</param>
    /// <param name="labels">(M) ids of the original tokens.</param>
    /// <param name="scale">What one position's loss counts: 1 / the global number of masked positions.</param>
    /// <param name="sampling">How replacements are drawn, or null for none.</param>
    /// <param name="hiddenGradient">(T, H), added to at the positions; null for no gradients at all.</param>
    /// <param name="gradients">The flat buffer of gradients, added to.</param>
    /// <param name="copying">A gate in front of the softmax, or null.</param>
    /// <param name="version">Names the parameters' values: their matrices are not packed again where it is that of the last call; null packs them.</param>
    /// <exception cref="ArgumentException">Labels or draws are not as many as the positions, or a label is no token.</exception>
    public MaskedTokenResult Run(
        float* parameters, float* hidden, int[] positions, int[] labels, float scale, TokenSampling? sampling, float* hiddenGradient, float* gradients,
        CopyMixture? copying = null, ulong? version = null)
    {
        if (labels.Length != positions.Length) throw new ArgumentException($"{positions.Length} positions need as many labels, not {labels.Length}.", nameof(labels));
        if (sampling is not null && sampling.Uniforms.Length != positions.Length)
            throw new ArgumentException($"{positions.Length} positions need as many draws, not {sampling.Uniforms.Length}.", nameof(sampling));
        foreach (var label in labels)
            if ((uint)label >= (uint)_shape.VocabularySize) throw new ArgumentException($"Label {label} lies outside the vocabulary of {_shape.VocabularySize}.", nameof(labels));
        return _pass.Run(parameters, hidden, positions, labels, scale, sampling, hiddenGradient, gradients, copying, version);
    }

    /// <summary>Frees the memory; the team stays.</summary>
    public void Dispose() => _pass.Dispose();
}

/// <summary>The work of a masked language modelling head, whatever the format of its products.</summary>
unsafe interface IMaskedTokenPass : IDisposable
{
    /// <inheritdoc cref="MaskedTokenHead.Run"/>
    MaskedTokenResult Run(
        float* parameters, float* hidden, int[] positions, int[] labels, float scale, TokenSampling? sampling, float* hiddenGradient, float* gradients,
        CopyMixture? copying, ulong? version);
}
