using Electra.Numerics.Kernels;

namespace Electra.Benchmarks;

/// <summary>The matrix products of a step in the blocks in which the kernels take them, with operands packed and transposed already.</summary>
// Shapes: M rows, N columns, K depth; E embedding size, V vocabulary.
sealed unsafe class ProductPieces : IDisposable
{
    // RowsAtOnce of MaskedTokenPass, and DepthBlock of BFloat16.
    const int HeadRows = 32, GradientDepth = 512;

    /// <summary>Columns of logits whose panels stay in the second-level cache.</summary>
    const int LogitColumns = 1024;

    /// <summary>A call of a small product is repeated until it has this many operations, a tenth of a millisecond, beside which reading the clock is nothing.</summary>
    const double SampleFlops = 2e7;

    readonly StepSize _size;
    readonly int _workers, _columns;
    readonly NativeBuffer _left, _right, _result;

    public ProductPieces(StepSize size, int workers)
    {
        (_size, _workers, _columns) = (size, workers, (int)Float32Packing.RoundUp(StepSize.Vocabulary, Lanes.Count));
        var widest = Math.Max(size.Discriminator.IntermediateSize, 3 * size.Discriminator.HiddenSize);
        _left = AttentionReport.Random<BFloat16>(Math.Max(HeadRows * _columns, BFloat16.RowBlock * widest) + 16, 1);
        _right = AttentionReport.Random<BFloat16>(Math.Max(_columns * size.Discriminator.EmbeddingSize, widest * widest), 2);
        _result = new NativeBuffer(BFloat16.RowBlock * Math.Max(widest, LogitColumns + 2 * Lanes.Count));
    }

    public IEnumerable<Piece> All()
    {
        var (e, masked) = (_size.Discriminator.EmbeddingSize, (double)_size.NumMasked);
        var head = 2 * masked * e * StepSize.Vocabulary;
        yield return Product($"logits: products of {HeadRows} x {BFloat16.Panel} x {e}", head, HeadRows, LogitColumns, e, LogitColumns + 2 * Lanes.Count);
        yield return Product($"gradient of the head's output, depth {_columns:N0}", head, HeadRows, e, _columns, e);
        yield return Product($"gradient of the table, depth {_size.NumMasked}", head, BFloat16.RowBlock, e, _size.NumMasked, e, accumulates: true);

        var others = $"all other products, depth {Depths().Min()} to {Depths().Max()}";
        foreach (var (inputs, outputs, count) in _size.Linears)
        {
            var flops = 2.0 * _size.NumTokens * inputs * outputs * count;
            yield return Panels(others, flops, outputs, inputs);                                      // outputs
            yield return Panels(others, flops, inputs, outputs);                                      // gradient of the inputs
            yield return Product(others, flops, Math.Min(BFloat16.RowBlock, outputs), inputs, WeightDepth, inputs, accumulates: true);
        }
        // Scores and weighted sums of each head, and two products for each in the backward pass.
        var config = _size.Discriminator;
        var attention = 3 * 4.0 * _size.NumTokens * _size.RowTokens * config.HiddenSize * config.NumHiddenLayers;
        yield return Product(others, attention, _size.RowTokens, config.HeadSize, _size.RowTokens, config.HeadSize);
    }

    public void Dispose()
    {
        foreach (var buffer in new[] { _left, _right, _result }) buffer.Dispose();
    }

    int WeightDepth => Math.Min(GradientDepth, _size.NumTokens / _workers);

    IEnumerable<int> Depths() => _size.Linears.SelectMany(linear => new[] { linear.Inputs, linear.Outputs, WeightDepth }).Append(_size.RowTokens);

    // Panels of a linear layer go one after the other to its epilogue, from the same block.
    Piece Panels(string part, double amount, int columns, int depth) => Repeated(part, amount, 2.0 * BFloat16.RowBlock * columns * depth, () =>
    {
        for (var column = 0; column < columns; column += BFloat16.Panel)
        {
            var width = Math.Min(BFloat16.Panel, columns - column);
            BFloat16.Multiply(Left, depth, Right + BFloat16.PackedOffset(column, depth), _result.Start, width, BFloat16.RowBlock, width, depth, accumulate: false);
        }
    });

    Piece Product(string part, double amount, int rows, int columns, int depth, int stride, bool accumulates = false) =>
        Repeated(part, amount, 2.0 * rows * columns * depth, () => BFloat16.Multiply(Left, depth, Right, _result.Start, stride, rows, columns, depth, accumulates));

    static Piece Repeated(string part, double amount, double flops, Action once)
    {
        var times = Math.Max(1, (int)(SampleFlops / flops));
        return new Piece(part, amount, times * flops, () =>
        {
            for (var time = 0; time < times; time++) once();
        })
        { IsProduct = true };
    }

    BFloat16* Left => (BFloat16*)_left.Start;

    BFloat16* Right => (BFloat16*)_right.Start;
}
