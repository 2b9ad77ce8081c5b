using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Electra.Numerics.Kernels;

/// <summary>x + bias in place, and its gradient: the sums of the columns.</summary>
readonly unsafe struct BiasAdd : IRowEpilogue
{
    /// <summary>(T, width), changed in place.</summary>
    public float* Rows { get; init; }

    /// <summary>(width).</summary>
    public float* Bias { get; init; }

    public int Width { get; init; }

    public void Finish(int first, int count)
    {
        for (var i = first; i < first + count; i++) Add(Bias, Rows + (nint)i * Width, Width);
    }

    /// <summary>sums += the rows, from the first to the last.</summary>
    public static void AddColumnSums(float* rows, int count, int width, float* sums)
    {
        for (var i = 0; i < count; i++) Add(rows + (nint)i * width, sums, width);
    }

    /// <summary>target += source.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(float* source, float* target, long length)
    {
        var j = 0L;
        for (; j + Lanes.Count <= length; j += Lanes.Count) (Vector256.Load(target + j) + Vector256.Load(source + j)).Store(target + j);
        for (; j < length; j++) target[j] += source[j];
    }
}
