using System.Runtime.Intrinsics;

namespace Electra.Numerics.Kernels;

/// <summary>The inner product of two rows, for layers with a single output.</summary>
static unsafe class DotProduct
{
    /// <summary>The sum of a[j] b[j].</summary>
    public static float Of(float* a, float* b, int length)
    {
        var sum = Vector256<float>.Zero;
        var j = 0;
        for (; j + Lanes.Count <= length; j += Lanes.Count) sum = Lanes.MultiplyAdd(Vector256.Load(a + j), Vector256.Load(b + j), sum);
        var total = Vector256.Sum(sum);
        for (; j < length; j++) total += a[j] * b[j];
        return total;
    }

    /// <summary>inputGradient = gradient x weight, and weightGradient += gradient x input.</summary>
    public static void Backward(float* input, float* weight, float gradient, float* inputGradient, float* weightGradient, int length)
    {
        var factor = Vector256.Create(gradient);
        var j = 0;
        for (; j + Lanes.Count <= length; j += Lanes.Count)
        {
            (Vector256.Load(weight + j) * factor).Store(inputGradient + j);
            Lanes.MultiplyAdd(Vector256.Load(input + j), factor, Vector256.Load(weightGradient + j)).Store(weightGradient + j);
        }
        for (; j < length; j++)
        {
            inputGradient[j] = gradient * weight[j];
            weightGradient[j] += gradient * input[j];
        }
    }
}
