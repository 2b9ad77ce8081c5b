namespace Electra.Numerics.Kernels;

/// <summary>What a head for masked positions keeps of each position between its forward and its backward part.</summary>
// Shapes: M positions, H hidden, E embedding size.
sealed unsafe class MaskedTokenBuffers<T> : IDisposable where T : unmanaged, IElement<T>
{
    readonly NativeBuffer _floats, _elements;

    /// <summary>Memory for at most so many positions.</summary>
    public MaskedTokenBuffers(MaskedTokenHeadShape shape, int positions)
    {
        MaxPositions = positions;
        var (h, e, rows) = ((long)shape.HiddenSize, (long)shape.EmbeddingSize, (long)positions + T.RowStep);
        _floats = new NativeBuffer(rows * (h + 4 * e + 1));
        InputGradient = _floats.Start;
        ActivationInput = InputGradient + rows * h;
        Activated = ActivationInput + rows * e;
        Normalized = Activated + rows * e;
        Gradient = Normalized + rows * e;
        InverseDeviation = Gradient + rows * e;
        _elements = NativeBuffer.Of<T>(rows * (h + 2 * e));
        Input = (T*)_elements.Start;
        Output = Input + rows * h;
        OutputGradient = Output + rows * e;
    }

    /// <summary>Positions there is room for.</summary>
    public int MaxPositions { get; }

    /// <summary>(M, H) hidden states.</summary>
    public T* Input { get; }

    /// <summary>(M, E) what the logits are products of.</summary>
    public T* Output { get; }

    /// <summary>(M, E), as a product takes it.</summary>
    public T* OutputGradient { get; }

    /// <summary>(M, E) before GELU.</summary>
    public float* ActivationInput { get; }

    /// <summary>(M, E) after it.</summary>
    public float* Activated { get; }

    /// <summary>(M, E) normalised, before scale and shift.</summary>
    public float* Normalized { get; }

    /// <summary>(M) of the normalisation.</summary>
    public float* InverseDeviation { get; }

    /// <summary>(M, E) of the head's output, then of what lies below it.</summary>
    public float* Gradient { get; }

    /// <summary>(M, H).</summary>
    public float* InputGradient { get; }

    public void Dispose()
    {
        _floats.Dispose();
        _elements.Dispose();
    }
}
