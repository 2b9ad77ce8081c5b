using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Electra.Numerics.Kernels;

/// <summary>Stores a product as activations, plus a bias where there is one, plus what is there where that is wanted.</summary>
readonly unsafe struct ProductStore<T> : IProductEpilogue where T : unmanaged, IElement<T>
{
    public static bool TakesWholeRows => false;

    /// <summary>(T, width), written.</summary>
    public T* Output { get; init; }

    /// <summary>(width), or null.</summary>
    public float* Bias { get; init; }

    public int Width { get; init; }

    /// <summary>True to add to the output.</summary>
    public bool Accumulates { get; init; }

    public void Prepare(int firstRow, int rows, int firstColumn, int columns) =>
        Prefetch.Rows(Output + (nint)firstRow * Width + firstColumn, Width, rows, columns);

    public void Finish(float* block, nint stride, int firstRow, int rows, int firstColumn, int columns)
    {
        var bias = Bias == null ? null : Bias + firstColumn;
        for (var i = 0; i < rows; i++) StoreRow(block + i * stride, Output + (nint)(firstRow + i) * Width + firstColumn, bias, columns);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void StoreRow(float* row, T* output, float* bias, int columns)
    {
        var j = 0;
        for (; j + Lanes.Count <= columns; j += Lanes.Count)
        {
            var x = Vector512.Load(row + j);
            if (bias != null) x += Vector512.Load(bias + j);
            if (Accumulates) x += T.Load(output + j);
            T.Store(x, output + j);
        }
        for (; j < columns; j++) output[j] = T.FromSingle(row[j] + (bias == null ? 0 : bias[j]) + (Accumulates ? T.ToSingle(output[j]) : 0));
    }
}

/// <summary>Stores a product as it is.</summary>
readonly unsafe struct FloatStore : IProductEpilogue
{
    public static bool TakesWholeRows => false;

    /// <summary>(T, width), written.</summary>
    public float* Output { get; init; }

    public int Width { get; init; }

    public void Prepare(int firstRow, int rows, int firstColumn, int columns) { }

    public void Finish(float* block, nint stride, int firstRow, int rows, int firstColumn, int columns)
    {
        var bytes = (long)columns * sizeof(float);
        for (var i = 0; i < rows; i++)
            Buffer.MemoryCopy(block + i * stride, Output + (nint)(firstRow + i) * Width + firstColumn, bytes, bytes);
    }
}
