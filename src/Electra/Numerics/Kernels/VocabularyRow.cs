using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Electra.Numerics.Kernels;

/// <summary>
/// Softmax, cross entropy, its gradient and a draw from the distribution, for the logits of one position. Rows are padded to a
/// multiple of 16 with logits of such a size that their probability is 0.
/// </summary>
static unsafe class VocabularyRow
{
    /// <summary>The bias of columns that are no tokens.</summary>
    public const float PaddingBias = -1e30f;

    /// <summary>Tokens whose weights are summed into one number on the way to a draw.</summary>
    public const int SumBlock = 256;

    /// <summary>logits += bias.</summary>
    /// <param name="largest">The largest logit so far in each of sixteen lanes.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddBias(float* logits, float* bias, int columns, float* largest)
    {
        var top = Vector512.Load(largest);
        for (var j = 0; j < columns; j += Lanes.Count)
        {
            var x = Vector512.Load(logits + j) + Vector512.Load(bias + j);
            x.Store(logits + j);
            top = Vector512.Max(top, x);
        }
        top.Store(largest);
    }

    /// <summary>The largest logit.</summary>
    public static float Largest(float* logits, int columns)
    {
        var largest = Vector512.Load(logits);
        for (var j = Lanes.Count; j < columns; j += Lanes.Count) largest = Vector512.Max(largest, Vector512.Load(logits + j));
        return Lanes.Max(largest);
    }

    /// <summary>weights = e^((logits - largest) / temperature).</summary>
    /// <param name="weights">May be <paramref name="logits"/>.</param>
    /// <param name="blockSums">One sum per <see cref="SumBlock"/> columns, written.</param>
    /// <returns>The sum of all weights.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Exponentials(float* logits, float* weights, int columns, float largest, float temperature, float* blockSums)
    {
        var (scale, shift) = Exponent(largest, temperature);
        var total = 0.0;
        for (var first = 0; first < columns; first += SumBlock)
        {
            var sum = Vector512<float>.Zero;
            var end = Math.Min(first + SumBlock, columns);
            for (var j = first; j < end; j += Lanes.Count)
            {
                var e = Lanes.Exp2(Lanes.MultiplyAdd(Vector512.Load(logits + j), scale, shift));
                e.Store(weights + j);
                sum += e;
            }
            var blockSum = Vector512.Sum(sum);
            blockSums[first / SumBlock] = blockSum;
            total += blockSum;
        }
        return total;
    }

    /// <summary>Both at once: weights = e^((logits - largest) / temperature), and logits become e^(logits - largest).</summary>
    /// <param name="blockSums">Of the weights, written.</param>
    /// <returns>The sums of what the logits became, and of the weights.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static (double Total, double WeightTotal) BothExponentials(float* logits, float* weights, int columns, float largest, float temperature, float* blockSums)
    {
        var (scale, shift) = Exponent(largest, 1);
        var (weightScale, weightShift) = Exponent(largest, temperature);
        var (total, weightTotal) = (0.0, 0.0);
        for (var first = 0; first < columns; first += SumBlock)
        {
            var (sum, weightSum) = (Vector512<float>.Zero, Vector512<float>.Zero);
            var end = Math.Min(first + SumBlock, columns);
            for (var j = first; j < end; j += Lanes.Count)
            {
                var x = Vector512.Load(logits + j);
                var e = Lanes.Exp2(Lanes.MultiplyAdd(x, scale, shift));
                var weight = Lanes.Exp2(Lanes.MultiplyAdd(x, weightScale, weightShift));
                e.Store(logits + j);
                weight.Store(weights + j);
                sum += e;
                weightSum += weight;
            }
            var blockSum = Vector512.Sum(weightSum);
            blockSums[first / SumBlock] = blockSum;
            total += Vector512.Sum(sum);
            weightTotal += blockSum;
        }
        return (total, weightTotal);
    }

    /// <summary>The first token at which the running sum of the weights passes uniform x total (inverse transform sampling).</summary>
    /// <param name="tokens">Size of the vocabulary, without padding.</param>
    public static int Draw(float* weights, int tokens, float* blockSums, double total, float uniform)
    {
        var target = uniform * total;
        var block = 0;
        var sum = 0.0;
        for (var last = (tokens - 1) / SumBlock; block < last && sum + blockSums[block] <= target; block++) sum += blockSums[block];
        var drawn = -1;
        for (var j = block * SumBlock; j < tokens; j++)
        {
            // Rounding may leave the target just beyond the last sum: then the last token that has a weight is the one.
            if (weights[j] <= 0) continue;
            drawn = j;
            sum += weights[j];
            if (sum > target) break;
        }
        if (drawn >= 0) return drawn;
        for (drawn = block * SumBlock - 1; drawn > 0 && weights[drawn] <= 0;) drawn--;
        return drawn;
    }

    /// <summary>weights x scale - scale at the label: the gradient of the cross entropy.</summary>
    /// <param name="weights">Unnormalised probabilities.</param>
    /// <param name="gradient">Written; may be <paramref name="weights"/>.</param>
    /// <param name="factor">scale / the sum of the weights.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Gradient<T>(float* weights, T* gradient, int columns, int label, float factor, float scale) where T : unmanaged, IElement<T>
    {
        var atLabel = weights[label] * factor - scale;
        for (var j = 0; j < columns; j += Lanes.Count) T.Store(Vector512.Load(weights + j) * factor, gradient + j);
        gradient[label] = T.FromSingle(atLabel);
    }

    // e^((x - largest) / temperature) = 2^(x scale + shift)
    static (Vector512<float> Scale, Vector512<float> Shift) Exponent(float largest, float temperature) =>
        (Vector512.Create(Lanes.Log2E / temperature), Vector512.Create(-largest * Lanes.Log2E / temperature));
}
