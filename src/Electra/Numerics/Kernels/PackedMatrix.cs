namespace Electra.Numerics.Kernels;

/// <summary>A linear layer's weights (out, in) in the order in which products read them: for the outputs, and for the inputs' gradients.</summary>
sealed unsafe class PackedMatrix<T> : IDisposable where T : unmanaged, IElement<T>
{
    readonly NativeBuffer _forward;
    NativeBuffer? _backward;

    /// <param name="inputs">Width of the layer's input.</param>
    /// <param name="outputs">Width of the layer's output.</param>
    /// <param name="columnStep">The outputs are filled up with zeros to a multiple of this.</param>
    public PackedMatrix(int inputs, int outputs, int columnStep = 1)
    {
        (Inputs, Outputs, Columns) = (inputs, outputs, (int)Float32Packing.RoundUp(outputs, columnStep));
        _forward = NativeBuffer.Of<T>(T.PackedLength(inputs, Columns));
    }

    /// <summary>Scratch elements that packing a part needs.</summary>
    public static long ScratchLength(int inputs) => (long)T.PackingStep * inputs;

    /// <summary>Width of the layer's input.</summary>
    public int Inputs { get; }

    /// <summary>Width of the layer's output.</summary>
    public int Outputs { get; }

    /// <summary>Outputs and the zeros behind them.</summary>
    public int Columns { get; }

    /// <summary>W^T (in, columns), packed.</summary>
    public T* Forward => (T*)_forward.Start;

    /// <summary>W (out, in), packed; of the last call that wanted it.</summary>
    public T* Backward => (T*)_backward!.Start;

    /// <summary>Packs are made in this many independent parts.</summary>
    public int Parts => (Outputs + T.PackingStep - 1) / T.PackingStep;

    /// <summary>Makes room for gradients' packs before any part of one is made.</summary>
    public void PrepareBackward() => _backward ??= NativeBuffer.Of<T>(T.PackedLength(Outputs, Inputs));

    /// <summary>Packs one part.</summary>
    /// <param name="weight">(out, in) float32.</param>
    /// <param name="wantsBackward">True to pack for gradients too.</param>
    /// <param name="rows"><see cref="ScratchLength"/> elements.</param>
    public void Pack(float* weight, int part, bool wantsBackward, T* rows)
    {
        var first = part * T.PackingStep;
        var end = Math.Min(first + T.PackingStep, Outputs);
        // The part's rows alone are converted; the pointers stand where the whole matrix would begin.
        Conversion.FromFloats(weight + (nint)first * Inputs, rows, (long)(end - first) * Inputs);
        var matrix = rows - (nint)first * Inputs;
        T.PackTransposed(matrix, Inputs, Inputs, Columns, Forward, first, end);
        if (wantsBackward) T.PackRows(matrix, Inputs, Outputs, Inputs, Backward, first, end);
    }

    public void Dispose()
    {
        _forward.Dispose();
        _backward?.Dispose();
    }
}
