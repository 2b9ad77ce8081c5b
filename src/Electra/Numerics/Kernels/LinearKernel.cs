namespace Electra.Numerics.Kernels;

/// <summary>The three products of a linear layer with PyTorch's weights (out, in), and the scratch memory they need.</summary>
// Shapes: T rows, in and out features.
sealed unsafe class LinearKernel : IDisposable
{
    readonly NativeBuffer _memory;
    readonly float* _packed, _left;

    /// <param name="packedLength">Elements of the largest packed operand, by <see cref="Packing.Length"/>.</param>
    public LinearKernel(long packedLength)
    {
        _memory = new NativeBuffer(packedLength + Gemm.LeftScratch);
        _packed = _memory.Start + Gemm.LeftScratch;
        _left = _memory.Start;
    }

    /// <summary>Elements that a layer's products need at most.</summary>
    /// <param name="rows">T, or 0 where no weight gradient is taken.</param>
    public static long PackedLength(long inputs, long outputs, long rows) =>
        Math.Max(Math.Max(Packing.Length(inputs, outputs), Packing.Length(outputs, inputs)), Packing.Length(rows, inputs));

    public void Dispose() => _memory.Dispose();

    /// <summary>output (T, out) = input (T, in) W^T.</summary>
    public void Forward<TEpilogue>(float* input, float* weight, float* output, int rows, int inputs, int outputs, TEpilogue epilogue)
        where TEpilogue : struct, IRowEpilogue
    {
        Packing.PackTransposed(weight, inputs, inputs, outputs, _packed);
        Gemm.Multiply(input, inputs, _packed, output, outputs, rows, outputs, inputs, false, epilogue);
    }

    /// <summary>inputGradient (T, in) = outputGradient (T, out) W, or added to it.</summary>
    public void BackwardInput<TEpilogue>(
        float* outputGradient, float* weight, float* inputGradient, int rows, int inputs, int outputs, bool accumulate, TEpilogue epilogue)
        where TEpilogue : struct, IRowEpilogue
    {
        Packing.PackRows(weight, inputs, outputs, inputs, _packed);
        Gemm.Multiply(outputGradient, outputs, _packed, inputGradient, inputs, rows, inputs, outputs, accumulate, epilogue);
    }

    /// <inheritdoc cref="BackwardInput{TEpilogue}"/>
    public void BackwardInput(float* outputGradient, float* weight, float* inputGradient, int rows, int inputs, int outputs) =>
        BackwardInput(outputGradient, weight, inputGradient, rows, inputs, outputs, false, default(NoEpilogue));

    /// <summary>weightGradient (out, in) += outputGradient (T, out)^T input (T, in).</summary>
    public void BackwardWeight(float* outputGradient, float* input, float* weightGradient, int rows, int inputs, int outputs) =>
        BackwardWeight(outputGradient, input, weightGradient, rows, inputs, outputs, 0, outputs);

    /// <summary>The same for output features [firstOutput, endOutput) alone.</summary>
    public void BackwardWeight(
        float* outputGradient, float* input, float* weightGradient, int rows, int inputs, int outputs, int firstOutput, int endOutput)
    {
        Packing.PackRows(input, inputs, rows, inputs, _packed);
        Gemm.MultiplyTransposed(
            outputGradient + firstOutput, outputs, _packed, weightGradient + (nint)firstOutput * inputs, inputs,
            endOutput - firstOutput, inputs, rows, true, _left);
    }
}
