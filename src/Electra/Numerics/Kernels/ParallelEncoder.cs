namespace Electra.Numerics.Kernels;

/// <summary>
/// An explicit forward and backward pass of a transformer encoder over flat float32 buffers. The rows are shared among the
/// workers of a team; equal inputs and equally many workers give equal bits. In bfloat16 activations are stored and multiplied in that
/// format; parameters, gradients, sums and everything that goes in and out stay float32.
/// </summary>
public sealed unsafe class ParallelEncoder : IDisposable
{
    readonly EncoderShape _shape;
    readonly EncoderOffsets _offsets, _privateOffsets;
    readonly WorkerTeam _team;
    readonly IEncoderPass[] _passes;
    readonly IDisposable _weights;
    readonly RefreshWeights _refreshWeights;
    readonly NativeBuffer?[] _privateGradients;
    readonly bool[] _hasPrivateGradients;
    readonly long _privateLength;
    readonly (long From, long To, long Length, bool IsMatrix)[] _segments;
    int[] _bounds = [];
    TokenRows? _kept;
    long _version;

    /// <param name="shape">The encoder's sizes.</param>
    /// <param name="offsets">Where its parameters lie in the flat buffers.</param>
    /// <param name="team">The threads; they may serve others between calls.</param>
    /// <param name="precision">Of products and of what is kept between the passes.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, or the heads do not divide the hidden size.</exception>
    /// <exception cref="ArgumentException">bfloat16 does not serve this encoder (<see cref="Serves"/>).</exception>
    public ParallelEncoder(EncoderShape shape, EncoderOffsets offsets, WorkerTeam team, Precision precision = Precision.Float32)
    {
        shape.Validate();
        (_shape, _offsets, _team) = (shape, offsets, team);
        _privateOffsets = EncoderOffsets.WithoutWords(shape, out _privateLength);
        _segments = [.. _privateOffsets.Segments(shape).Zip(offsets.Segments(shape), (from, to) => (from.Offset, to.Offset, to.Length, to.IsMatrix))];
        if (!Serves(shape, precision))
            throw new ArgumentException($"bfloat16 kernels take sizes that are multiples of {BFloat16Sizes.Step} on a processor that multiplies bfloat16; use float32.", nameof(precision));
        Precision = precision;
        (_passes, _weights, _refreshWeights) = precision == Precision.BFloat16 ? Build<BFloat16>() : Build<Float32>();
        _privateGradients = new NativeBuffer?[team.NumWorkers];
        _hasPrivateGradients = new bool[team.NumWorkers];
    }

    delegate void RefreshWeights(float* parameters, bool wantsBackward, bool isUnchanged);

    /// <summary>Of products and of what is kept between the passes.</summary>
    public Precision Precision { get; }

    /// <summary>True where the kernels take an encoder of these sizes in this precision: float32 always.</summary>
    public static bool Serves(EncoderShape shape, Precision precision) =>
        precision == Precision.Float32 || BFloat16Sizes.Serve(shape.EmbeddingSize, shape.HiddenSize, shape.IntermediateSize);

    /// <summary>Computes the hidden states.</summary>
    /// <param name="parameters">The flat buffer.</param>
    /// <param name="rows">The tokens.</param>
    /// <param name="dropout">What is dropped; the default drops nothing.</param>
    /// <param name="keeps">True to keep what <see cref="Backward"/> needs, which replaces what an earlier pass kept.</param>
    /// <param name="hidden">(T, H), written.</param>
    /// <param name="isUnchanged">True where the parameters are those of the last call, so that their matrices need not be packed again.</param>
    /// <returns>A number that names this pass to <see cref="Backward"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An id, type or position lies outside its table.</exception>
    public long Forward(float* parameters, TokenRows rows, EncoderDropout dropout, bool keeps, float* hidden, bool isUnchanged = false)
    {
        rows.ValidateFor(_shape, dropout.Attention > 0);
        _refreshWeights(parameters, keeps, isUnchanged);
        var bounds = rows.Divide(_team.NumWorkers);
        _team.Run(worker =>
        {
            var (first, end) = (bounds[worker], bounds[worker + 1]);
            _passes[worker].Forward(parameters, rows, first, end, dropout, keeps, hidden + (nint)rows.RowStarts[first] * _shape.HiddenSize);
        });
        if (keeps) (_bounds, _kept) = (bounds, rows);
        return keeps ? ++_version : 0;
    }

    /// <summary>Adds the gradients of all parameters.</summary>
    /// <param name="pass">What <see cref="Forward"/> returned.</param>
    /// <param name="parameters">The flat buffer, unchanged since.</param>
    /// <param name="hiddenGradient">(T, H), overwritten.</param>
    /// <param name="gradients">The flat buffer of gradients, laid out as the parameters; added to.</param>
    /// <exception cref="InvalidOperationException">Another pass has been kept since, or none.</exception>
    public void Backward(long pass, float* parameters, float* hiddenGradient, float* gradients)
    {
        if (_kept is not { } rows || pass != _version)
            throw new InvalidOperationException($"The encoder keeps forward pass {_version}, not {pass}: call Backward before the next Forward.");
        _team.Run(worker =>
        {
            var start = hiddenGradient + (nint)rows.RowStarts[_bounds[worker]] * _shape.HiddenSize;
            // Worker 0 adds to the result itself; the sums of the others follow in their order.
            if (worker == 0) _passes[worker].Backward(parameters, start, gradients, _offsets, overwritesMatrices: false);
            else _hasPrivateGradients[worker] = _passes[worker].Backward(parameters, start, PrivateGradients(worker), _privateOffsets, overwritesMatrices: true);
        });
        _team.Run(worker =>
        {
            AddPrivateGradients(gradients, worker);
            foreach (var other in _passes) other.ScatterWords(gradients + _offsets.WordEmbeddings, worker, _team.NumWorkers);
        });
        _kept = null;
    }

    /// <summary>Frees the memory; the team stays.</summary>
    public void Dispose()
    {
        foreach (var pass in _passes) pass.Dispose();
        _weights.Dispose();
        foreach (var gradients in _privateGradients) gradients?.Dispose();
    }

    (IEncoderPass[] Passes, IDisposable Weights, RefreshWeights Refresh) Build<T>() where T : unmanaged, IElement<T>
    {
        var weights = new EncoderWeights<T>(_shape, _offsets, _team);
        return ([.. Enumerable.Range(0, _team.NumWorkers).Select(_ => new EncoderPass<T>(_shape, _offsets, weights))], weights, weights.Refresh);
    }

    // Only what is added to needs to be zero: a pass overwrites the matrices' gradients.
    float* PrivateGradients(int worker)
    {
        var gradients = _privateGradients[worker] ??= new NativeBuffer(_privateLength);
        foreach (var (from, _, length, isMatrix) in _segments)
            if (!isMatrix) new Span<float>(gradients.Start + from, checked((int)length)).Clear();
        return gradients.Start;
    }

    void AddPrivateGradients(float* gradients, int worker)
    {
        var shares = _team.NumWorkers;
        foreach (var (from, to, length, _) in _segments)
        {
            var (first, end) = (length * worker / shares, length * (worker + 1) / shares);
            for (var other = 1; other < shares; other++)
                if (_hasPrivateGradients[other]) RowSums.Add(_privateGradients[other]!.Start + from + first, gradients + to + first, end - first);
        }
    }
}
