using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Electra.Numerics.Kernels;

/// <summary>The inner product of two rows, for layers with a single output.</summary>
static unsafe class DotProduct
{
    /// <summary>The sum of a[j] b[j].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Of<TLeft, TRight>(TLeft* a, TRight* b, int length)
        where TLeft : unmanaged, IElement<TLeft> where TRight : unmanaged, IElement<TRight>
    {
        var sum = Vector512<float>.Zero;
        var j = 0;
        for (; j + Lanes.Count <= length; j += Lanes.Count) sum = Lanes.MultiplyAdd(TLeft.Load(a + j), TRight.Load(b + j), sum);
        var total = Vector512.Sum(sum);
        for (; j < length; j++) total += TLeft.ToSingle(a[j]) * TRight.ToSingle(b[j]);
        return total;
    }

    /// <summary>inputGradient = gradient x weight, and weightGradient += gradient x input.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward<T>(T* input, float* weight, float gradient, float* inputGradient, float* weightGradient, int length)
        where T : unmanaged, IElement<T>
    {
        var factor = Vector512.Create(gradient);
        var j = 0;
        for (; j + Lanes.Count <= length; j += Lanes.Count)
        {
            (Vector512.Load(weight + j) * factor).Store(inputGradient + j);
            Lanes.MultiplyAdd(T.Load(input + j), factor, Vector512.Load(weightGradient + j)).Store(weightGradient + j);
        }
        for (; j < length; j++)
        {
            inputGradient[j] = gradient * weight[j];
            weightGradient[j] += gradient * T.ToSingle(input[j]);
        }
    }
}
