using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Electra.Numerics.Kernels;

/// <summary>The constants of <see cref="FlatAdamW"/>.</summary>
/// <param name="Beta1">Decay of the gradients' running mean.</param>
/// <param name="Beta2">Decay of the squared gradients' running mean.</param>
/// <param name="Epsilon">Added to the root of the second moment.</param>
/// <param name="CorrectsBias">True to divide the moments by 1 - beta^step, as in the paper of Adam; BERT and ELECTRA do not.</param>
public sealed record AdamWSettings(double Beta1 = 0.9, double Beta2 = 0.999, double Epsilon = 1e-6, bool CorrectsBias = false);

/// <summary>A run of parameters that are treated alike.</summary>
/// <param name="Offset">Its first element in the flat buffers.</param>
/// <param name="Length">Number of elements.</param>
/// <param name="LearningRate">Of this step.</param>
/// <param name="WeightDecay">Decoupled; 0 for biases and normalisations.</param>
public readonly record struct ParameterSegment(long Offset, long Length, float LearningRate, float WeightDecay);

/// <summary>AdamW (Loshchilov and Hutter 2019) over flat buffers: everything about a number is read and written once.</summary>
public sealed unsafe class FlatAdamW(WorkerTeam team)
{
    // Sums and updates are taken in pieces of this many elements, whatever the number of workers: the bits stay the same.
    const int Piece = 1 << 16;

    /// <summary>The squared norm of the segments' gradients.</summary>
    public double SquaredNorm(float* gradients, IReadOnlyList<ParameterSegment> segments)
    {
        var pieces = Pieces(segments);
        var sums = new double[pieces.Length];
        team.Run(worker =>
        {
            var share = new Share(0, pieces.Length).Part(worker, team.NumWorkers);
            for (var i = share.First; i < share.End; i++) sums[i] = SumOfSquares(gradients + pieces[i].Offset, (int)pieces[i].Length);
        });
        return sums.Sum();
    }

    /// <summary>One step, after which the gradients are zero.</summary>
    /// <param name="parameters">Changed.</param>
    /// <param name="gradients">Read, then cleared.</param>
    /// <param name="firstMoment">Changed.</param>
    /// <param name="secondMoment">Changed.</param>
    /// <param name="segments">Which parameters, with their rates; they do not overlap.</param>
    /// <param name="settings">The constants.</param>
    /// <param name="gradientScale">Multiplies the gradients: the clipping factor.</param>
    /// <param name="step">Number of this step, from 1; matters with bias correction only.</param>
    public void Update(
        float* parameters, float* gradients, float* firstMoment, float* secondMoment,
        IReadOnlyList<ParameterSegment> segments, AdamWSettings settings, float gradientScale, long step)
    {
        var pieces = Pieces(segments);
        team.Run(worker =>
        {
            var share = new Share(0, pieces.Length).Part(worker, team.NumWorkers);
            for (var i = share.First; i < share.End; i++)
            {
                var at = pieces[i].Offset;
                Update(parameters + at, gradients + at, firstMoment + at, secondMoment + at, pieces[i], settings, gradientScale, step);
            }
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static double SumOfSquares(float* values, int length)
    {
        // float32 lanes for 1,024 elements, float64 between: the sum of 10^8 squares keeps seven digits.
        const int Block = 1024;
        var total = 0.0;
        var j = 0;
        while (j + Lanes.Count <= length)
        {
            var sum = Vector512<float>.Zero;
            for (var end = Math.Min(j + Block, length - Lanes.Count + 1); j < end; j += Lanes.Count)
            {
                var x = Vector512.Load(values + j);
                sum = Lanes.MultiplyAdd(x, x, sum);
            }
            total += Vector512.Sum(sum);
        }
        for (; j < length; j++) total += values[j] * (double)values[j];
        return total;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Update(
        float* parameters, float* gradients, float* first, float* second, ParameterSegment piece, AdamWSettings settings, float gradientScale, long step)
    {
        var rate = settings.CorrectsBias ? (float)(piece.LearningRate / (1 - Math.Pow(settings.Beta1, step))) : piece.LearningRate;
        var root = settings.CorrectsBias ? (float)(1 / Math.Sqrt(1 - Math.Pow(settings.Beta2, step))) : 1;
        var keep = 1 - piece.LearningRate * piece.WeightDecay;
        // 1 - 0.999 in float32 is wrong in the fifth digit.
        var (beta1, beta2, rest1, rest2) = ((float)settings.Beta1, (float)settings.Beta2, (float)(1 - settings.Beta1), (float)(1 - settings.Beta2));
        var epsilon = (float)settings.Epsilon;
        var j = 0L;
        for (; j + Lanes.Count <= piece.Length; j += Lanes.Count)
        {
            var g = Vector512.Load(gradients + j) * gradientScale;
            var m = Lanes.MultiplyAdd(Vector512.Load(first + j), Vector512.Create(beta1), g * rest1);
            var v = Lanes.MultiplyAdd(Vector512.Load(second + j), Vector512.Create(beta2), g * g * rest2);
            var change = m / (Vector512.Sqrt(v) * root + Vector512.Create(epsilon));
            var p = Lanes.MultiplyAdd(change, Vector512.Create(-rate), Vector512.Load(parameters + j) * keep);
            m.Store(first + j);
            v.Store(second + j);
            p.Store(parameters + j);
            Vector512<float>.Zero.Store(gradients + j);
        }
        for (; j < piece.Length; j++)
        {
            var g = gradients[j] * gradientScale;
            first[j] = beta1 * first[j] + rest1 * g;
            second[j] = beta2 * second[j] + rest2 * g * g;
            parameters[j] = parameters[j] * keep - rate * first[j] / (MathF.Sqrt(second[j]) * root + epsilon);
            gradients[j] = 0;
        }
    }

    static ParameterSegment[] Pieces(IReadOnlyList<ParameterSegment> segments)
    {
        var pieces = new List<ParameterSegment>();
        foreach (var segment in segments)
            for (var first = 0L; first < segment.Length; first += Piece)
                pieces.Add(segment with { Offset = segment.Offset + first, Length = Math.Min(Piece, segment.Length - first) });
        return [.. pieces];
    }
}
