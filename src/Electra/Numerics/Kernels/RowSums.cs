using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Electra.Numerics.Kernels;

/// <summary>Sums of rows: gradients of biases and tables.</summary>
static unsafe class RowSums
{
    /// <summary>Rows whose sums are taken in registers before they are added.</summary>
    const int RowBlock = 64;

    /// <summary>sums += the rows, block by block.</summary>
    /// <param name="stride">Elements between rows.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddColumns<T>(T* rows, nint stride, int count, int width, float* sums) where T : unmanaged, IElement<T>
    {
        const int Wide = 4 * Lanes.Count;
        for (var first = 0; first < count; first += RowBlock, rows += RowBlock * stride)
        {
            var end = Math.Min(RowBlock, count - first);
            var j = 0;
            for (; j + Wide <= width; j += Wide)
            {
                var (a, b, c, d) = (Vector512<float>.Zero, Vector512<float>.Zero, Vector512<float>.Zero, Vector512<float>.Zero);
                var row = rows + j;
                for (var i = 0; i < end; i++, row += stride)
                {
                    a += T.Load(row);
                    b += T.Load(row + Lanes.Count);
                    c += T.Load(row + 2 * Lanes.Count);
                    d += T.Load(row + 3 * Lanes.Count);
                }
                (Vector512.Load(sums + j) + a).Store(sums + j);
                (Vector512.Load(sums + j + Lanes.Count) + b).Store(sums + j + Lanes.Count);
                (Vector512.Load(sums + j + 2 * Lanes.Count) + c).Store(sums + j + 2 * Lanes.Count);
                (Vector512.Load(sums + j + 3 * Lanes.Count) + d).Store(sums + j + 3 * Lanes.Count);
            }
            for (; j + Lanes.Count <= width; j += Lanes.Count)
            {
                var sum = Vector512<float>.Zero;
                for (var i = 0; i < end; i++) sum += T.Load(rows + i * stride + j);
                (Vector512.Load(sums + j) + sum).Store(sums + j);
            }
            for (; j < width; j++)
                for (var i = 0; i < end; i++) sums[j] += T.ToSingle(rows[i * stride + j]);
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
