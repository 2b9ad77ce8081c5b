namespace Electra.Numerics.Kernels;

/// <summary>One head's columns in the (T, 3 hidden) matrix of one row.</summary>
readonly unsafe struct HeadView<T>(T* queryKeyValue, int tokens, int hiddenSize, int headSize, int head) where T : unmanaged
{
    /// <summary>(T, D), rows <see cref="Stride"/> apart.</summary>
    public T* Query { get; } = queryKeyValue + head * headSize;

    /// <inheritdoc cref="Query"/>
    public T* Key { get; } = queryKeyValue + hiddenSize + head * headSize;

    /// <inheritdoc cref="Query"/>
    public T* Value { get; } = queryKeyValue + 2 * hiddenSize + head * headSize;

    public int Tokens { get; } = tokens;

    public nint Stride { get; } = 3 * hiddenSize;

    /// <summary>Elements between rows of the context.</summary>
    public nint ContextStride { get; } = hiddenSize;
}
