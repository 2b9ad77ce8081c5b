namespace Electra.Numerics.Kernels;

/// <summary>The three products of a linear layer with PyTorch's weights (out, in), and the scratch memory they need.</summary>
// Shapes: T rows, in and out features.
sealed unsafe class LinearKernel<T> : IDisposable where T : unmanaged, IElement<T>
{
    /// <summary>Rows of a weight gradient's sums that are taken at a time, at most.</summary>
    const int MaxGradientRows = 2048;

    readonly int _widest, _widestInput, _gradientRows;
    readonly NativeBuffer _block;
    readonly NativeBuffer? _packed, _left;

    /// <param name="widest">Columns of the widest product.</param>
    /// <param name="widestInput">Columns of the widest layer's input of which a weight gradient is taken, or 0.</param>
    /// <param name="rows">Rows that are usual; of more, a weight gradient is summed so many at a time.</param>
    public LinearKernel(int widest, int widestInput, int rows)
    {
        (_widest, _widestInput, _gradientRows) = (widest, widestInput, Math.Min(rows, MaxGradientRows));
        _block = new NativeBuffer((long)T.RowBlock * widest);
        if (widestInput == 0) return;
        _packed = NativeBuffer.Of<T>(T.PackedLength(_gradientRows, widestInput));
        _left = NativeBuffer.Of<T>(T.LeftScratch(_gradientRows));
    }

    public void Dispose()
    {
        _block.Dispose();
        _packed?.Dispose();
        _left?.Dispose();
    }

    /// <summary>input (T, in) W^T: (T, out), handed to the epilogue.</summary>
    public void Forward<TEpilogue>(T* input, PackedMatrix<T> weight, int rows, TEpilogue epilogue)
        where TEpilogue : struct, IProductEpilogue => Multiply(input, weight.Forward, rows, weight.Outputs, weight.Inputs, epilogue);

    /// <summary>outputGradient (T, out) W: (T, in), handed to the epilogue.</summary>
    public void BackwardInput<TEpilogue>(T* outputGradient, PackedMatrix<T> weight, int rows, TEpilogue epilogue)
        where TEpilogue : struct, IProductEpilogue => Multiply(outputGradient, weight.Backward, rows, weight.Inputs, weight.Outputs, epilogue);

    /// <summary>weightGradient (out, in) = outputGradient (T, out)^T input (T, in), or added to it.</summary>
    public void BackwardWeight(T* outputGradient, T* input, float* weightGradient, int rows, int inputs, int outputs, bool accumulate = true) =>
        BackwardWeight(outputGradient, input, weightGradient, rows, inputs, outputs, 0, outputs, accumulate);

    /// <summary>The same for output features [firstOutput, endOutput) alone.</summary>
    public void BackwardWeight(
        T* outputGradient, T* input, float* weightGradient, int rows, int inputs, int outputs, int firstOutput, int endOutput, bool accumulate = true)
    {
        // Nothing below looks again: what does not fit would be written over other memory.
        ArgumentOutOfRangeException.ThrowIfGreaterThan(inputs, _widestInput);
        var packed = (T*)_packed!.Start;
        var left = (T*)_left!.Start;
        for (var first = 0; first < rows; first += _gradientRows)
        {
            var count = Math.Min(_gradientRows, rows - first);
            T.PackRows(input + (nint)first * inputs, inputs, count, inputs, packed, 0, count);
            T.MultiplyTransposed(
                outputGradient + (nint)first * outputs + firstOutput, outputs, packed, weightGradient + (nint)firstOutput * inputs, inputs,
                endOutput - firstOutput, inputs, count, accumulate || first > 0, left);
        }
    }

    /// <summary>a (T, K) B (K, N), block by block.</summary>
    public void Multiply<TEpilogue>(T* a, T* packed, int rows, int columns, int depth, TEpilogue epilogue) where TEpilogue : struct, IProductEpilogue
    {
        var width = TEpilogue.TakesWholeRows ? columns : T.ColumnBlock(columns);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(width, _widest, nameof(columns));
        for (var row = 0; row < rows; row += T.RowBlock)
        {
            var height = Math.Min(T.RowBlock, rows - row);
            for (var column = 0; column < columns; column += width)
            {
                var count = Math.Min(width, columns - column);
                epilogue.Prepare(row, height, column, count);
                T.Multiply(a + (nint)row * depth, depth, packed + T.PackedOffset(column, depth), _block.Start, count, height, count, depth, false);
                epilogue.Finish(_block.Start, count, row, height, column, count);
            }
        }
    }
}
