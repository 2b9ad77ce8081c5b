using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Electra.Numerics.Kernels;

/// <summary>The gradient of <see cref="ResidualNorm"/>.</summary>
readonly unsafe struct ResidualNormBackward : IRowEpilogue
{
    /// <summary>(T, width): the output's gradient, replaced by the residual's.</summary>
    public float* Gradient { get; init; }

    /// <summary>(T, width): the product's gradient, written.</summary>
    public float* ProductGradient { get; init; }

    /// <summary>(T, width) and (T): what the forward pass kept.</summary>
    public float* Normalized { get; init; }

    /// <inheritdoc cref="Normalized"/>
    public float* InverseDeviation { get; init; }

    /// <summary>(width): the scale of the normalisation.</summary>
    public float* Weight { get; init; }

    /// <summary>(width): gradients of scale, shift and the product's bias, added to.</summary>
    public float* WeightGradient { get; init; }

    /// <inheritdoc cref="WeightGradient"/>
    public float* ShiftGradient { get; init; }

    /// <inheritdoc cref="WeightGradient"/>
    public float* BiasGradient { get; init; }

    public int Width { get; init; }

    public RowDropout Dropout { get; init; }

    public void Finish(int first, int count)
    {
        for (var i = first; i < first + count; i++)
        {
            if (Width % Lanes.Count == 0) ApplyVector(i);
            else ApplyScalar(i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal void ApplyVector(int token)
    {
        var offset = (nint)token * Width;
        var gradient = Gradient + offset;
        var product = ProductGradient + offset;
        NormGradient(gradient, Normalized + offset, InverseDeviation[token], Weight, WeightGradient, ShiftGradient, Width);
        var (key, element) = (Dropout.Key(token), Dropout.Element(token));
        for (var j = 0; j < Width; j += Lanes.Count)
        {
            var x = Vector256.Load(gradient + j);
            if (Dropout.IsActive) x *= Dropout.Factors(key, element + (uint)j);
            x.Store(product + j);
            (Vector256.Load(BiasGradient + j) + x).Store(BiasGradient + j);
        }
    }

    internal void ApplyScalar(int token)
    {
        var offset = (nint)token * Width;
        var gradient = Gradient + offset;
        var product = ProductGradient + offset;
        NormGradientScalar(gradient, Normalized + offset, InverseDeviation[token], Weight, WeightGradient, ShiftGradient, Width);
        var (key, element) = (Dropout.Key(token), Dropout.Element(token));
        for (var j = 0; j < Width; j++)
        {
            product[j] = Dropout.IsActive ? gradient[j] * Dropout.Factor(key, element + (uint)j) : gradient[j];
            BiasGradient[j] += product[j];
        }
    }

    /// <summary>Replaces the gradient of a normalised row by that of the row before normalisation.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void NormGradient(
        float* gradient, float* normalized, float inverseDeviation, float* weight, float* weightGradient, float* shiftGradient, int width)
    {
        var sum = Vector256<float>.Zero;
        var projection = Vector256<float>.Zero;
        for (var j = 0; j < width; j += Lanes.Count)
        {
            var y = Vector256.Load(gradient + j);
            var unit = Vector256.Load(normalized + j);
            (Vector256.Load(shiftGradient + j) + y).Store(shiftGradient + j);
            Lanes.MultiplyAdd(y, unit, Vector256.Load(weightGradient + j)).Store(weightGradient + j);
            y *= Vector256.Load(weight + j);
            y.Store(gradient + j);
            sum += y;
            projection = Lanes.MultiplyAdd(y, unit, projection);
        }
        var mean = Vector256.Create(Vector256.Sum(sum) / width);
        var along = Vector256.Create(Vector256.Sum(projection) / width);
        var scale = Vector256.Create(inverseDeviation);
        for (var j = 0; j < width; j += Lanes.Count)
        {
            var unit = Vector256.Load(normalized + j);
            ((Vector256.Load(gradient + j) - mean - unit * along) * scale).Store(gradient + j);
        }
    }

    /// <inheritdoc cref="NormGradient"/>
    internal static void NormGradientScalar(
        float* gradient, float* normalized, float inverseDeviation, float* weight, float* weightGradient, float* shiftGradient, int width)
    {
        double sum = 0, projection = 0;
        for (var j = 0; j < width; j++)
        {
            shiftGradient[j] += gradient[j];
            weightGradient[j] += gradient[j] * normalized[j];
            gradient[j] *= weight[j];
            sum += gradient[j];
            projection += gradient[j] * normalized[j];
        }
        for (var j = 0; j < width; j++)
            gradient[j] = (float)((gradient[j] - sum / width - normalized[j] * projection / width) * inverseDeviation);
    }
}
