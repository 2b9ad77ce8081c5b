using Electra.Numerics.Kernels;

namespace Electra.Benchmarks;

/// <summary>What layers, weight gradients and the optimizer do besides products, a block of 128 rows at a time.</summary>
// Shapes: T tokens of all rows, M masked positions, H hidden, F intermediate, E embedding size, V vocabulary.
sealed unsafe class LayerPieces : IDisposable
{
    const int Rows = 128, Panel = BFloat16.Panel;

    /// <summary>Calls of a small kernel in a sample, and outputs of the matrix that is packed.</summary>
    const int Times = 8, PackedOutputs = 1024;

    /// <summary>Elements that the optimizer takes at a time.</summary>
    const int OptimizerPiece = 1 << 16;

    readonly StepSize _size;
    readonly int _shareTokens, _vocabularyStride, _h, _f;
    readonly NativeBuffer _block, _blockCopy, _residual, _residualCopy, _input, _first, _second, _table, _transposed, _floats, _ones, _sums, _scratch;
    readonly NativeBuffer _parameters, _gradients, _firstMoment, _secondMoment;
    readonly PackedMatrix<BFloat16> _matrix;

    public LayerPieces(StepSize size, int workers)
    {
        (_size, _h, _f) = (size, size.Discriminator.HiddenSize, size.Discriminator.IntermediateSize);
        _shareTokens = size.NumTokens / workers;
        _vocabularyStride = (int)Float32Packing.RoundUp(StepSize.Vocabulary, Lanes.Count);
        var (e, widest) = (size.Discriminator.EmbeddingSize, Math.Max(3 * _h, _f));
        (_block, _blockCopy) = (GemmComparison.Random(Rows * _h, 1), GemmComparison.Random(Rows * _h, 1));
        (_residual, _residualCopy) = (AttentionReport.Random<BFloat16>(Rows * _h, 2), AttentionReport.Random<BFloat16>(Rows * _h, 2));
        (_input, _first, _second) = (AttentionReport.Random<BFloat16>(_shareTokens * widest, 3), NativeBuffer.Of<BFloat16>(Rows * widest), NativeBuffer.Of<BFloat16>(Rows * widest));
        _table = AttentionReport.Random<BFloat16>(size.NumMasked * _vocabularyStride, 4);
        _transposed = NativeBuffer.Of<BFloat16>(BFloat16.LeftScratch(Math.Max(_shareTokens, size.NumMasked)));
        (_floats, _ones, _sums) = (GemmComparison.Random(PackedOutputs * Math.Max(e, widest), 5), new(Math.Max(Rows, widest)), new(4 * widest));
        _ones.Span.Fill(1);
        _matrix = new PackedMatrix<BFloat16>(e, PackedOutputs);
        _matrix.PrepareBackward();
        _scratch = NativeBuffer.Of<BFloat16>(PackedMatrix<BFloat16>.ScratchLength(e));
        var parameters = (int)size.NumParameters;
        (_parameters, _gradients) = (GemmComparison.Random(parameters, 6), GemmComparison.Random(parameters, 7));
        (_firstMoment, _secondMoment) = (GemmComparison.Random(parameters, 8), new(parameters));
        _secondMoment.Span.Fill(0.1f);
    }

    public IEnumerable<Piece> All()
    {
        double t = _size.NumTokens, m = _size.NumMasked, v = StepSize.Vocabulary;
        var (e, layers) = (_size.Discriminator.EmbeddingSize, _size.Discriminator.NumHiddenLayers);
        foreach (var (_, outputs, count) in _size.Linears)
            yield return Transposition(t * outputs * count, _input, _shareTokens, outputs);
        yield return Transposition(m * v, _table, _size.NumMasked, _vocabularyStride);
        yield return ColumnSums(t * (3 * _h * layers + _h), _input, _shareTokens, 3 * _h);
        yield return ColumnSums(m * v, _table, _size.NumMasked, _vocabularyStride);

        var (gelu, norm) = (t * (_f * layers + _h), t * (2 * _h * layers + e));
        yield return new Piece("GELU", gelu, Rows * _f, Gelu);
        yield return new Piece("gradient of GELU", gelu, Rows * _f, GeluBackward);
        yield return new Piece("normalisations", norm, Times * Rows * _h, Norm, Restore);
        yield return new Piece("gradients of normalisations", norm, Times * Rows * _h, NormBackward, Restore);

        // Each weight is packed for outputs and for gradients of inputs.
        var weights = v * e + _size.Linears.Sum(linear => (double)linear.Inputs * linear.Outputs * linear.Count);
        yield return new Piece("packing weights", 2 * weights, 2 * Times * PackedOutputs * e, Pack);
        // Queries, keys and values, the projection; gradients of contexts and of the first layer's input.
        yield return new Piece("storing products", t * (4 * _h * layers + 2 * _h), Rows * _f, Store);
        yield return new Piece("norm and AdamW, from memory", _size.NumParameters, _size.NumParameters, Optimize);
    }

    public void Dispose()
    {
        foreach (var buffer in new[]
        {
            _block, _blockCopy, _residual, _residualCopy, _input, _first, _second, _table, _transposed, _floats, _ones, _sums, _scratch,
            _parameters, _gradients, _firstMoment, _secondMoment,
        }) buffer.Dispose();
        _matrix.Dispose();
    }

    Piece Transposition(double amount, NativeBuffer source, int depth, int stride)
    {
        var (columns, targetStride) = (Math.Min(Rows, stride), Float32Packing.RoundUp(depth, BFloat16.Step) + 32);
        return new Piece("transposing for weight gradients", amount, (double)depth * columns, () =>
            BFloat16Packing.Transpose((ushort*)source.Start, stride, depth, columns, (ushort*)_transposed.Start, (nint)targetStride));
    }

    Piece ColumnSums(double amount, NativeBuffer rows, int count, int stride) => new("summing columns", amount, (double)count * Rows, () =>
        RowSums.AddColumns((BFloat16*)rows.Start, stride, count, Rows, _sums.Start));

    void Gelu()
    {
        var gelu = new Gelu<BFloat16> { Bias = _floats.Start, Input = At(_first), Output = At(_second), Width = _f };
        for (var column = 0; column < _f; column += Panel) gelu.Finish(_block.Start, Panel, 0, Rows, column, Panel);
    }

    void GeluBackward()
    {
        var gelu = new GeluBackward<BFloat16> { Input = At(_input), Activation = At(_first), Gradient = At(_second), BiasGradient = _sums.Start, Width = _f };
        for (var column = 0; column < _f; column += Panel) gelu.Finish(_block.Start, Panel, 0, Rows, column, Panel);
    }

    void Norm()
    {
        var norm = new ResidualNorm<BFloat16>
        {
            Bias = _floats.Start, Residual = At(_residual), Weight = _ones.Start, Shift = _floats.Start, Normalized = At(_first), Output = At(_second),
            InverseDeviation = _sums.Start, Width = _h, Epsilon = 1e-12f,
        };
        for (var time = 0; time < Times; time++) norm.Finish(_block.Start, _h, 0, Rows, 0, _h);
    }

    void NormBackward()
    {
        var norm = new ResidualNormBackward<BFloat16>
        {
            Gradient = At(_residual), AddsResidual = true, ProductGradient = At(_second), Normalized = At(_input), InverseDeviation = _ones.Start, Weight = _ones.Start,
            WeightGradient = _sums.Start, ShiftGradient = _sums.Start + _h, BiasGradient = _sums.Start + 2 * _h, Width = _h,
        };
        for (var time = 0; time < Times; time++) norm.Finish(_block.Start, _h, 0, Rows, 0, _h);
    }

    void Restore()
    {
        _blockCopy.Span.CopyTo(_block.Span);
        _residualCopy.Span.CopyTo(_residual.Span);
        _sums.Clear();
    }

    void Pack()
    {
        for (var time = 0; time < Times; time++)
            for (var part = 0; part < _matrix.Parts; part++) _matrix.Pack(_floats.Start, part, wantsBackward: true, At(_scratch));
    }

    void Store()
    {
        var store = new ProductStore<BFloat16> { Output = At(_first), Bias = _floats.Start, Width = _f };
        for (var column = 0; column < _f; column += Panel) store.Finish(_block.Start, Panel, 0, Rows, column, Panel);
    }

    // The gradient is cleared by the first call: decays of 1 and a rate of 0 leave moments and parameters as they are for the next.
    void Optimize()
    {
        var (settings, length) = (new AdamWSettings(Beta1: 1, Beta2: 1), (int)_gradients.Length);
        for (var at = 0; at < length; at += OptimizerPiece)
            FlatAdamW.SumOfSquares(_gradients.Start + at, Math.Min(OptimizerPiece, length - at));
        for (var at = 0; at < length; at += OptimizerPiece)
        {
            var piece = new ParameterSegment(at, Math.Min(OptimizerPiece, length - at), LearningRate: 0, WeightDecay: 0.01f);
            FlatAdamW.Update(_parameters.Start + at, _gradients.Start + at, _firstMoment.Start + at, _secondMoment.Start + at, piece, settings, 1, 1);
        }
    }

    static BFloat16* At(NativeBuffer buffer) => (BFloat16*)buffer.Start;
}
