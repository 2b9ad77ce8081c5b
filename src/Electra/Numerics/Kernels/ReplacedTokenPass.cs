namespace Electra.Numerics.Kernels;

/// <summary>The work of <see cref="ReplacedTokenKernel"/>: each worker has a share of the tokens, and then a share of the dense layer's gradients.</summary>
// Shapes: T tokens, H hidden.
sealed unsafe class ReplacedTokenPass<T> : IReplacedTokenPass where T : unmanaged, IElement<T>
{
    const int TokenBlock = 2048;

    readonly ReplacedTokenHeadShape _shape;
    readonly WorkerTeam _team;
    readonly LinearKernel<T>[] _linears;
    readonly PackedMatrix<T> _matrix;
    readonly NativeBuffer _scratch;
    readonly NativeBuffer[] _vectorGradients;
    readonly double[] _lossSums;
    NativeBuffer? _activations;
    int _capacity;
    ulong? _version;
    bool _packsGradient;
    T* _input, _dense, _activated, _gradient;

    /// <param name="shape">Sizes and places of the parameters.</param>
    /// <param name="team">The threads; they may serve others between calls.</param>
    public ReplacedTokenPass(ReplacedTokenHeadShape shape, WorkerTeam team)
    {
        (_shape, _team) = (shape, team);
        var h = shape.HiddenSize;
        _matrix = new PackedMatrix<T>(h, h);
        _scratch = NativeBuffer.Of<T>(PackedMatrix<T>.ScratchLength(h));
        _linears = [.. Enumerable.Range(0, team.NumWorkers).Select(_ => new LinearKernel<T>(h, h, TokenBlock))];
        // Gradients of the output's weight, of the dense bias and of the output's bias, then one token's gradient.
        _vectorGradients = [.. Enumerable.Range(0, team.NumWorkers).Select(_ => new NativeBuffer(3L * h + 1))];
        _lossSums = new double[team.NumWorkers];
    }

    /// <inheritdoc/>
    public double Run(float* parameters, float* hidden, bool[] isReplaced, float scale, float[] logits, float* hiddenGradient, float* gradients, ulong? version)
    {
        var (h, tokens) = (_shape.HiddenSize, logits.Length);
        EnsureCapacity(tokens);
        Array.Clear(_lossSums);
        if (version is null || version != _version || (hiddenGradient != null && !_packsGradient)) Pack(parameters, hiddenGradient != null);
        _version = version;
        _team.Run(worker => RunShare(parameters, hidden, isReplaced, scale, logits, hiddenGradient, new Share(0, tokens).Part(worker, _team.NumWorkers), worker));
        if (hiddenGradient == null) return _lossSums.Sum();

        _team.Run(worker =>
        {
            var outputs = new Share(0, h).Part(worker, _team.NumWorkers, Lanes.Count);
            _linears[worker].BackwardWeight(_gradient, _input, gradients + _shape.DenseWeight, tokens, h, h, outputs.First, outputs.End);
            T.Release();
        });
        foreach (var vectors in _vectorGradients)
        {
            RowSums.Add(vectors.Start, gradients + _shape.OutputWeight, h);
            RowSums.Add(vectors.Start + h, gradients + _shape.DenseBias, h);
            gradients[_shape.OutputBias] += vectors.Start[2 * h];
        }
        return _lossSums.Sum();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var linear in _linears) linear.Dispose();
        foreach (var vectors in _vectorGradients) vectors.Dispose();
        _matrix.Dispose();
        _scratch.Dispose();
        _activations?.Dispose();
    }

    void Pack(float* parameters, bool wantsGradient)
    {
        _packsGradient = wantsGradient;
        if (wantsGradient) _matrix.PrepareBackward();
        for (var part = 0; part < _matrix.Parts; part++) _matrix.Pack(parameters + _shape.DenseWeight, part, wantsGradient, (T*)_scratch.Start);
    }

    void RunShare(
        float* parameters, float* hidden, bool[] isReplaced, float scale, float[] logits, float* hiddenGradient, Share share, int worker)
    {
        var h = _shape.HiddenSize;
        var offset = (nint)share.First * h;
        Conversion.FromFloats(hidden + offset, _input + offset, (long)share.Count * h);
        var gelu = new Gelu<T> { Bias = parameters + _shape.DenseBias, Input = _dense + offset, Output = _activated + offset, Width = h };
        _linears[worker].Forward(_input + offset, _matrix, share.Count, gelu);
        T.Release();

        var vectors = _vectorGradients[worker];
        vectors.Clear();
        var output = parameters + _shape.OutputWeight;
        var outputBias = parameters[_shape.OutputBias];
        var tokenGradient = vectors.Start + 2 * h + 1;
        var geluBackward = new GeluBackward<T> { Input = _dense, Activation = _activated, Gradient = _gradient, BiasGradient = vectors.Start + h, Width = h };
        for (var token = share.First; token < share.End; token++)
        {
            var activated = _activated + (nint)token * h;
            var logit = DotProduct.Of(activated, (Float32*)output, h) + outputBias;
            logits[token] = logit;
            if (isReplaced.Length == 0) continue;

            var target = isReplaced[token] ? 1 : 0;
            _lossSums[worker] += Math.Max(logit, 0) - logit * target + Math.Log(1 + Math.Exp(-Math.Abs(logit)));
            if (hiddenGradient == null) continue;

            var logitGradient = (float)((1 / (1 + Math.Exp(-logit)) - target) * scale);
            DotProduct.Backward(activated, output, logitGradient, tokenGradient, vectors.Start, h);
            vectors.Start[2 * h] += logitGradient;
            geluBackward.Finish(tokenGradient, h, token, 1, 0, h);
        }
        if (hiddenGradient == null) return;
        _linears[worker].BackwardInput(_gradient + offset, _matrix, share.Count, new FloatStore { Output = hiddenGradient + offset, Width = h });
        T.Release();
    }

    void EnsureCapacity(int tokens)
    {
        if (_capacity >= tokens) return;
        _activations?.Dispose();
        _capacity = tokens;
        var length = ((long)tokens + T.RowStep) * _shape.HiddenSize;
        _activations = NativeBuffer.Of<T>(4 * length);
        _input = (T*)_activations.Start;
        _dense = _input + length;
        _activated = _dense + length;
        _gradient = _activated + length;
    }
}
