using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Electra.Numerics.Kernels;

/// <summary>Layer normalisation of one row (Ba et al. 2016).</summary>
static unsafe class LayerNorm
{
    /// <summary>output = (row - mean) / sigma x weight + shift.</summary>
    /// <param name="row">(width).</param>
    /// <param name="weight">(width).</param>
    /// <param name="shift">(width).</param>
    /// <param name="normalized">(width): the row before scale and shift, written; may be <paramref name="output"/> where nobody needs it.</param>
    /// <param name="output">(width), written; may be <paramref name="row"/>.</param>
    /// <returns>1 / sigma.</returns>
    public static float Forward(float* row, float* weight, float* shift, float* normalized, float* output, int width, float epsilon) =>
        width % Lanes.Count == 0
            ? ForwardVector(row, weight, shift, normalized, output, width, epsilon)
            : ForwardScalar(row, weight, shift, normalized, output, width, epsilon);

    /// <summary>Replaces the gradient of a normalised row by that of the row before normalisation.</summary>
    /// <param name="gradient">(width).</param>
    /// <param name="normalized">(width): from the forward pass.</param>
    /// <param name="inverseDeviation">From the forward pass.</param>
    /// <param name="weight">(width).</param>
    /// <param name="weightGradient">(width), added to.</param>
    /// <param name="shiftGradient">(width), added to.</param>
    public static void Backward(
        float* gradient, float* normalized, float inverseDeviation, float* weight, float* weightGradient, float* shiftGradient, int width)
    {
        if (width % Lanes.Count == 0) BackwardVector(gradient, normalized, inverseDeviation, weight, weightGradient, shiftGradient, width);
        else BackwardScalar(gradient, normalized, inverseDeviation, weight, weightGradient, shiftGradient, width);
    }

    /// <inheritdoc cref="Forward"/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static float ForwardVector(
        float* row, float* weight, float* shift, float* normalized, float* output, int width, float epsilon)
    {
        var sum = Vector256<float>.Zero;
        for (var j = 0; j < width; j += Lanes.Count) sum += Vector256.Load(row + j);
        var mean = Vector256.Create(Vector256.Sum(sum) / width);
        var squares = Vector256<float>.Zero;
        for (var j = 0; j < width; j += Lanes.Count)
        {
            var centred = Vector256.Load(row + j) - mean;
            squares = Lanes.MultiplyAdd(centred, centred, squares);
        }
        var inverse = 1 / MathF.Sqrt(Vector256.Sum(squares) / width + epsilon);
        var scale = Vector256.Create(inverse);
        for (var j = 0; j < width; j += Lanes.Count)
        {
            var unit = (Vector256.Load(row + j) - mean) * scale;
            unit.Store(normalized + j);
            Lanes.MultiplyAdd(unit, Vector256.Load(weight + j), Vector256.Load(shift + j)).Store(output + j);
        }
        return inverse;
    }

    /// <inheritdoc cref="Forward"/>
    internal static float ForwardScalar(float* row, float* weight, float* shift, float* normalized, float* output, int width, float epsilon)
    {
        double sum = 0, squares = 0;
        for (var j = 0; j < width; j++) sum += row[j];
        var mean = sum / width;
        for (var j = 0; j < width; j++) squares += (row[j] - mean) * (row[j] - mean);
        var inverse = 1 / Math.Sqrt(squares / width + epsilon);
        for (var j = 0; j < width; j++)
        {
            normalized[j] = (float)((row[j] - mean) * inverse);
            output[j] = normalized[j] * weight[j] + shift[j];
        }
        return (float)inverse;
    }

    /// <inheritdoc cref="Backward"/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void BackwardVector(
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

    /// <inheritdoc cref="Backward"/>
    internal static void BackwardScalar(
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
