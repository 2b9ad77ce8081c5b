using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Electra.Numerics.Kernels;

/// <summary>Copies numbers between float32 and the format of activations.</summary>
static unsafe class Conversion
{
    /// <summary>target = source, times a factor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void FromFloats<T>(float* source, T* target, long length, float factor = 1) where T : unmanaged, IElement<T>
    {
        var j = 0L;
        for (; j + Lanes.Count <= length; j += Lanes.Count) T.Store(Vector512.Load(source + j) * factor, target + j);
        for (; j < length; j++) target[j] = T.FromSingle(source[j] * factor);
    }

    /// <summary>target = source.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ToFloats<T>(T* source, float* target, long length) where T : unmanaged, IElement<T>
    {
        var j = 0L;
        for (; j + Lanes.Count <= length; j += Lanes.Count) T.Load(source + j).Store(target + j);
        for (; j < length; j++) target[j] = T.ToSingle(source[j]);
    }
}
