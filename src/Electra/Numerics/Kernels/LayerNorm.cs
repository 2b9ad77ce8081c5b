using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Electra.Numerics.Kernels;

/// <summary>Layer normalisation of one row (Ba et al. 2016).</summary>
static unsafe class LayerNorm
{
    /// <summary>row = (row - mean) / sigma x weight + shift.</summary>
    /// <param name="row">(width), overwritten.</param>
    /// <param name="weight">(width).</param>
    /// <param name="shift">(width).</param>
    /// <param name="normalized">(width): the row before scale and shift, written; null where nobody needs it.</param>
    /// <returns>1 / sigma.</returns>
    public static float Forward<T>(float* row, float* weight, float* shift, T* normalized, int width, float epsilon) where T : unmanaged, IElement<T> =>
        width % Lanes.Count == 0
            ? ForwardVector(row, weight, shift, normalized, width, epsilon)
            : ForwardScalar(row, weight, shift, normalized, width, epsilon);

    /// <summary>Replaces the gradient of a normalised row by that of the row before normalisation.</summary>
    /// <param name="gradient">(width).</param>
    /// <param name="normalized">(width): from the forward pass.</param>
    /// <param name="inverseDeviation">From the forward pass.</param>
    /// <param name="weight">(width).</param>
    /// <param name="weightGradient">(width), added to.</param>
    /// <param name="shiftGradient">(width), added to.</param>
    public static void Backward<T>(
        float* gradient, T* normalized, float inverseDeviation, float* weight, float* weightGradient, float* shiftGradient, int width)
        where T : unmanaged, IElement<T>
    {
        if (width % Lanes.Count == 0) BackwardVector(gradient, normalized, inverseDeviation, weight, weightGradient, shiftGradient, width);
        else BackwardScalar(gradient, normalized, inverseDeviation, weight, weightGradient, shiftGradient, width);
    }

    /// <inheritdoc cref="Forward"/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static float ForwardVector<T>(float* row, float* weight, float* shift, T* normalized, int width, float epsilon)
        where T : unmanaged, IElement<T>
    {
        var sum = Vector512<float>.Zero;
        for (var j = 0; j < width; j += Lanes.Count) sum += Vector512.Load(row + j);
        var mean = Vector512.Create(Vector512.Sum(sum) / width);
        var squares = Vector512<float>.Zero;
        for (var j = 0; j < width; j += Lanes.Count)
        {
            var centred = Vector512.Load(row + j) - mean;
            squares = Lanes.MultiplyAdd(centred, centred, squares);
        }
        var inverse = 1 / MathF.Sqrt(Vector512.Sum(squares) / width + epsilon);
        var scale = Vector512.Create(inverse);
        for (var j = 0; j < width; j += Lanes.Count)
        {
            var unit = (Vector512.Load(row + j) - mean) * scale;
            if (normalized != null) T.Store(unit, normalized + j);
            Lanes.MultiplyAdd(unit, Vector512.Load(weight + j), Vector512.Load(shift + j)).Store(row + j);
        }
        return inverse;
    }

    /// <inheritdoc cref="Forward"/>
    internal static float ForwardScalar<T>(float* row, float* weight, float* shift, T* normalized, int width, float epsilon)
        where T : unmanaged, IElement<T>
    {
        double sum = 0, squares = 0;
        for (var j = 0; j < width; j++) sum += row[j];
        var mean = sum / width;
        for (var j = 0; j < width; j++) squares += (row[j] - mean) * (row[j] - mean);
        var inverse = 1 / Math.Sqrt(squares / width + epsilon);
        for (var j = 0; j < width; j++)
        {
            var unit = (float)((row[j] - mean) * inverse);
            if (normalized != null) normalized[j] = T.FromSingle(unit);
            row[j] = unit * weight[j] + shift[j];
        }
        return (float)inverse;
    }

    /// <inheritdoc cref="Backward"/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void BackwardVector<T>(
        float* gradient, T* normalized, float inverseDeviation, float* weight, float* weightGradient, float* shiftGradient, int width)
        where T : unmanaged, IElement<T>
    {
        var sum = Vector512<float>.Zero;
        var projection = Vector512<float>.Zero;
        for (var j = 0; j < width; j += Lanes.Count)
        {
            var y = Vector512.Load(gradient + j);
            var unit = T.Load(normalized + j);
            (Vector512.Load(shiftGradient + j) + y).Store(shiftGradient + j);
            Lanes.MultiplyAdd(y, unit, Vector512.Load(weightGradient + j)).Store(weightGradient + j);
            y *= Vector512.Load(weight + j);
            y.Store(gradient + j);
            sum += y;
            projection = Lanes.MultiplyAdd(y, unit, projection);
        }
        var mean = Vector512.Create(Vector512.Sum(sum) / width);
        var along = Vector512.Create(Vector512.Sum(projection) / width);
        var scale = Vector512.Create(inverseDeviation);
        for (var j = 0; j < width; j += Lanes.Count)
        {
            var unit = T.Load(normalized + j);
            ((Vector512.Load(gradient + j) - mean - unit * along) * scale).Store(gradient + j);
        }
    }

    /// <inheritdoc cref="Backward"/>
    internal static void BackwardScalar<T>(
        float* gradient, T* normalized, float inverseDeviation, float* weight, float* weightGradient, float* shiftGradient, int width)
        where T : unmanaged, IElement<T>
    {
        double sum = 0, projection = 0;
        for (var j = 0; j < width; j++)
        {
            var unit = T.ToSingle(normalized[j]);
            shiftGradient[j] += gradient[j];
            weightGradient[j] += gradient[j] * unit;
            gradient[j] *= weight[j];
            sum += gradient[j];
            projection += gradient[j] * unit;
        }
        for (var j = 0; j < width; j++)
            gradient[j] = (float)((gradient[j] - sum / width - T.ToSingle(normalized[j]) * projection / width) * inverseDeviation);
    }
}
