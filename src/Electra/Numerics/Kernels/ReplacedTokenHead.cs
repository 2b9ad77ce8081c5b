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
public sealed unsafe class ReplacedTokenHead : IDisposable
{
    const int TokenBlock = 2048;

    readonly ReplacedTokenHeadShape _shape;
    readonly WorkerTeam _team;
    readonly LinearKernel[] _linears;
    readonly NativeBuffer[] _vectorGradients;
    readonly double[] _lossSums;
    NativeBuffer? _activations;
    int _capacity;
    float* _dense, _activated, _gradient;

    /// <param name="shape">Sizes and places of the parameters.</param>
    /// <param name="team">The threads; they may serve others between calls.</param>
    public ReplacedTokenHead(ReplacedTokenHeadShape shape, WorkerTeam team)
    {
        (_shape, _team) = (shape, team);
        var packed = LinearKernel.PackedLength(shape.HiddenSize, shape.HiddenSize, TokenBlock);
        _linears = [.. Enumerable.Range(0, team.NumWorkers).Select(_ => new LinearKernel(packed))];
        _vectorGradients = [.. Enumerable.Range(0, team.NumWorkers).Select(_ => new NativeBuffer(2L * shape.HiddenSize + 1))];
        _lossSums = new double[team.NumWorkers];
    }

    /// <summary>Computes logits, loss and gradients.</summary>
    /// <param name="parameters">The flat buffer.</param>
    /// <param name="hidden">(T, H).</param>
    /// <param name="isReplaced">(T) what the head should say; empty for logits alone.</param>
    /// <param name="scale">What one token's loss counts: the loss's weight / the global number of tokens.</param>
    /// <param name="logits">(T), written.</param>
    /// <param name="hiddenGradient">(T, H), overwritten; null for no gradients at all.</param>
    /// <param name="gradients">The flat buffer of gradients, added to.</param>
    /// <returns>Sum of the binary cross entropies in nats, not scaled; 0 without labels.</returns>
    /// <exception cref="ArgumentException">There are neither no labels nor as many as logits.</exception>
    public double Run(
        float* parameters, float* hidden, bool[] isReplaced, float scale, float[] logits, float* hiddenGradient, float* gradients)
    {
        if (isReplaced.Length != logits.Length && (isReplaced.Length > 0 || hiddenGradient != null))
            throw new ArgumentException($"{logits.Length} tokens need as many labels, not {isReplaced.Length}.", nameof(isReplaced));
        var (h, tokens) = (_shape.HiddenSize, logits.Length);
        EnsureCapacity(tokens);
        Array.Clear(_lossSums);

        _team.Run(worker => RunShare(parameters, hidden, isReplaced, scale, logits, hiddenGradient, new Share(0, tokens).Part(worker, _team.NumWorkers), worker));
        if (hiddenGradient == null) return _lossSums.Sum();

        _team.Run(worker =>
        {
            var outputs = new Share(0, h).Part(worker, _team.NumWorkers);
            for (var first = 0; first < tokens; first += TokenBlock)
            {
                _linears[worker].BackwardWeight(
                    _gradient + (nint)first * h, hidden + (nint)first * h, gradients + _shape.DenseWeight,
                    Math.Min(TokenBlock, tokens - first), h, h, outputs.First, outputs.End);
            }
        });
        foreach (var vectors in _vectorGradients)
        {
            BiasAdd.Add(vectors.Start, gradients + _shape.OutputWeight, h);
            BiasAdd.Add(vectors.Start + h, gradients + _shape.DenseBias, h);
            gradients[_shape.OutputBias] += vectors.Start[2 * h];
        }
        return _lossSums.Sum();
    }

    /// <summary>Frees the memory; the team stays.</summary>
    public void Dispose()
    {
        foreach (var linear in _linears) linear.Dispose();
        foreach (var vectors in _vectorGradients) vectors.Dispose();
        _activations?.Dispose();
    }

    void RunShare(
        float* parameters, float* hidden, bool[] isReplaced, float scale, float[] logits, float* hiddenGradient, Share share, int worker)
    {
        var h = _shape.HiddenSize;
        var offset = (nint)share.First * h;
        var weight = parameters + _shape.DenseWeight;
        var gelu = new Gelu { Rows = _dense + offset, Bias = parameters + _shape.DenseBias, Output = _activated + offset, Width = h };
        _linears[worker].Forward(hidden + offset, weight, _dense + offset, share.Count, h, h, gelu);

        var vectors = _vectorGradients[worker];
        vectors.Clear();
        var output = parameters + _shape.OutputWeight;
        for (var token = share.First; token < share.End; token++)
        {
            var row = (nint)token * h;
            var logit = DotProduct.Of(_activated + row, output, h) + parameters[_shape.OutputBias];
            logits[token] = logit;
            if (isReplaced.Length == 0) continue;

            var target = isReplaced[token] ? 1 : 0;
            _lossSums[worker] += Math.Max(logit, 0) - logit * target + Math.Log(1 + Math.Exp(-Math.Abs(logit)));
            if (hiddenGradient == null) continue;

            var logitGradient = (float)((1 / (1 + Math.Exp(-logit)) - target) * scale);
            DotProduct.Backward(_activated + row, output, logitGradient, _gradient + row, vectors.Start, h);
            vectors.Start[2 * h] += logitGradient;
        }
        if (hiddenGradient == null) return;

        var geluBackward = new GeluBackward
        {
            Input = _dense + offset, Activation = _activated + offset, Gradient = _gradient + offset, BiasGradient = vectors.Start + h, Width = h,
        };
        geluBackward.Finish(0, share.Count);
        _linears[worker].BackwardInput(_gradient + offset, weight, hiddenGradient + offset, share.Count, h, h);
    }

    void EnsureCapacity(int tokens)
    {
        if (_capacity >= tokens) return;
        _activations?.Dispose();
        _capacity = tokens;
        var length = (long)tokens * _shape.HiddenSize;
        _activations = new NativeBuffer(3 * length);
        _dense = _activations.Start;
        _activated = _dense + length;
        _gradient = _activated + length;
    }
}
