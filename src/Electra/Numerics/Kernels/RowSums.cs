using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Electra.Numerics.Kernels;

/// <summary>Sums of rows: gradients of biases and tables.</summary>
static unsafe class RowSums
{
    /// <summary>sums += the rows, from the first to the last.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddColumns<T>(T* rows, int count, int width, float* sums) where T : unmanaged, IElement<T>
    {
        for (var i = 0; i < count; i++, rows += width)
        {
            var j = 0;
            for (; j + Lanes.Count <= width; j += Lanes.Count) (Vector512.Load(sums + j) + T.Load(rows + j)).Store(sums + j);
            for (; j < width; j++) sums[j] += T.ToSingle(rows[j]);
        }
    }

    /// <summary>target += source.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(float* source, float* target, long length)
    {
        var j = 0L;
        for (; j + Lanes.Count <= length; j += Lanes.Count) (Vector512.Load(target + j) + Vector512.Load(source + j)).Store(target + j);
        for (; j < length; j++) target[j] += source[j];
    }
}
