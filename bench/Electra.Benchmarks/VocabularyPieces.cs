using Electra.Numerics.Kernels;

namespace Electra.Benchmarks;

/// <summary>What the masked language modelling head does to its logits besides products: some columns of the rows that it takes at a time.</summary>
sealed unsafe class VocabularyPieces : IDisposable
{
    // RowsAtOnce of MaskedTokenPass; a stride that is no power of two, as there.
    const int Rows = 32, Columns = 2048, Stride = Columns + 2 * Lanes.Count;

    readonly StepSize _size;
    readonly NativeBuffer _original = GemmComparison.Random(Rows * Stride, 1), _logits = GemmComparison.Random(Rows * Stride, 1), _weights = new(Columns),
        _noBias = new(Columns), _largest = new(Rows * Lanes.Count), _blockSums = new(Columns / VocabularyRow.SumBlock), _gradient = NativeBuffer.Of<BFloat16>(Rows * Stride);

    public VocabularyPieces(StepSize size) => _size = size;

    public IEnumerable<Piece> All()
    {
        var (amount, sample) = ((double)_size.NumMasked * Float32Packing.RoundUp(StepSize.Vocabulary, Lanes.Count), (double)Rows * Columns);
        var temperature = (float)_size.Objective.Temperature;
        yield return new Piece("bias and largest logit", amount, sample, AddBias);
        yield return new Piece("gradient of logits", amount, sample, Gradient);
        yield return temperature == 1
            ? new Piece("exponential", amount, sample, Exponential, RestoreLogits)
            : new Piece("both exponentials", amount, sample, () => BothExponentials(temperature), RestoreLogits);
    }

    public void Dispose()
    {
        foreach (var buffer in new[] { _original, _logits, _weights, _noBias, _largest, _blockSums, _gradient }) buffer.Dispose();
    }

    // A bias of zeros: another would make the logits larger at every call.
    void AddBias()
    {
        for (var column = 0; column < Columns; column += BFloat16.Panel)
            for (var row = 0; row < Rows; row++)
                VocabularyRow.AddBias(Logits(row) + column, _noBias.Start + column, BFloat16.Panel, _largest.Start + row * Lanes.Count);
    }

    void Gradient()
    {
        for (var row = 0; row < Rows; row++) VocabularyRow.Gradient(Logits(row), (BFloat16*)_gradient.Start + row * Stride, Columns, 7, 1e-4f, 1);
    }

    void Exponential()
    {
        for (var row = 0; row < Rows; row++) VocabularyRow.Exponentials(Logits(row), Logits(row), Columns, 0.5f, 1, _blockSums.Start);
    }

    void BothExponentials(float temperature)
    {
        for (var row = 0; row < Rows; row++) VocabularyRow.BothExponentials(Logits(row), _weights.Start, Columns, 0.5f, temperature, _blockSums.Start);
    }

    void RestoreLogits() => _original.Span.CopyTo(_logits.Span);

    float* Logits(int row) => _logits.Start + row * Stride;
}
