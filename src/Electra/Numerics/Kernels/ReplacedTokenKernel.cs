namespace Electra.Numerics.Kernels;

/// <summary>The sizes of a replaced token detection head, and where its parameters begin inside the flat buffer.</summary>
/// <param name="HiddenSize">Width of the hidden states.</param>
/// <param name="DenseWeight">(H, H).</param>
/// <param name="DenseBias">(H).</param>
/// <param name="OutputWeight">(1, H).</param>
/// <param name="OutputBias">(1).</param>
public sealed record ReplacedTokenHeadShape(int HiddenSize, long DenseWeight, long DenseBias, long OutputWeight, long OutputBias);

/// <summary>
/// The discriminator's head (Clark et al. 2020, section 2): dense, GELU, one logit per token, binary cross entropy. The gradient
/// comes out of the same pass.
/// </summary>
// Shapes: T tokens, H hidden.
public sealed unsafe class ReplacedTokenKernel : IDisposable
{
    readonly IReplacedTokenPass _pass;

    /// <param name="shape">Sizes and places of the parameters.</param>
    /// <param name="team">The threads; they may serve others between calls.</param>
    /// <param name="precision">Of products; bfloat16 where the size is such that it serves, else float32.</param>
    public ReplacedTokenKernel(ReplacedTokenHeadShape shape, WorkerTeam team, Precision precision = Precision.Float32) =>
        _pass = precision == Precision.BFloat16 && BFloat16Sizes.Serve(shape.HiddenSize)
            ? new ReplacedTokenPass<BFloat16>(shape, team)
            : new ReplacedTokenPass<Float32>(shape, team);

    /// <summary>Computes logits, loss and gradients.</summary>
    /// <param name="parameters">The flat buffer.</param>
    /// <param name="hidden">(T, H).</param>
    /// <param name="isReplaced">(T) what the head should say; empty for logits alone.</param>
    /// <param name="scale">What one token's loss counts: the loss's weight / the global number of tokens.</param>
    /// <param name="logits">(T), written.</param>
    /// <param name="hiddenGradient">(T, H), overwritten; null for no gradients at all.</param>
    /// <param name="gradients">The flat buffer of gradients, added to.</param>
    /// <param name="version">Names the parameters' values: their matrices are not packed again where it is that of the last call; null packs them.</param>
    /// <returns>Sum of the binary cross entropies in nats, not scaled; 0 without labels.</returns>
    /// <exception cref="ArgumentException">There are neither no labels nor as many as logits.</exception>
    public double Run(
        float* parameters, float* hidden, bool[] isReplaced, float scale, float[] logits, float* hiddenGradient, float* gradients, ulong? version = null)
    {
        if (isReplaced.Length != logits.Length && (isReplaced.Length > 0 || hiddenGradient != null))
            throw new ArgumentException($"{logits.Length} tokens need as many labels, not {isReplaced.Length}.", nameof(isReplaced));
        return _pass.Run(parameters, hidden, isReplaced, scale, logits, hiddenGradient, gradients, version);
    }

    /// <summary>Frees the memory; the team stays.</summary>
    public void Dispose() => _pass.Dispose();
}

/// <summary>The work of a replaced token detection head, whatever the format of its products.</summary>
unsafe interface IReplacedTokenPass : IDisposable
{
    /// <inheritdoc cref="ReplacedTokenKernel.Run"/>
    double Run(float* parameters, float* hidden, bool[] isReplaced, float scale, float[] logits, float* hiddenGradient, float* gradients, ulong? version);
}
