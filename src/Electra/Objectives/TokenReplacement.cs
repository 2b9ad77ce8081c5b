using Electra.Model;
using Electra.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace Electra.Objectives;

// Shapes: B rows, T tokens, M chosen positions, V vocabulary.

/// <summary>
/// Turns the generator's guesses into the discriminator's input (Clark et al. 2020, section 2; google-research/electra,
/// run_pretraining.py, _get_fake_data).
/// </summary>
public static class TokenReplacement
{
    /// <summary>What disallow_correct takes from the original token's logit, as the reference code does.</summary>
    const float ForbiddenLogit = -1000;

    /// <summary>Draws one token per chosen position from softmax(logits / temperature). No gradient flows back.</summary>
    /// <param name="logits">(M, V).</param>
    /// <param name="draws">(M) uniform numbers in [0, 1): the place in the cumulative distribution.</param>
    /// <param name="temperature">Above 1 flattens the distribution.</param>
    /// <param name="forbidden">(M) tokens that may not be drawn, or null.</param>
    /// <returns>(M) token ids.</returns>
    public static int[] Sample(Tensor logits, double[] draws, double temperature = 1, int[]? forbidden = null)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var scores = logits.detach().to(ScalarType.Float32) / temperature;
        if (forbidden is not null)
        {
            var index = TensorMemory.Indices(forbidden, scores.device, forbidden.Length, 1);
            scores = scores.scatter_add(1, index, full([forbidden.Length, 1], ForbiddenLogit, ScalarType.Float32, scores.device));
        }
        var probabilities = nn.functional.softmax(scores, 1);
        return scores.device_type == DeviceType.CPU ? FromCumulativeDistribution(probabilities, draws) : FromCumulativeSums(probabilities, draws);
    }

    /// <summary>Puts the sampled tokens in place and labels every token as kept or replaced.</summary>
    /// <remarks>A lucky guess, equal to the original token, counts as kept.</remarks>
    /// <param name="original">(B, T) tokens.</param>
    /// <param name="positions">(M) places in the flattened batch, rising. One that stands twice, which only the legacy drawing with
    /// replacement gives, takes the mean of its samples rounded down, as the reference code does (google-research/electra#41).</param>
    /// <param name="sampledIds">(M) tokens.</param>
    /// <returns>The tokens with samples in place, and (B * T) true where a token changed.</returns>
    public static (TokenBatch Corrupted, bool[] IsReplaced) Apply(TokenBatch original, int[] positions, int[] sampledIds)
    {
        var ids = original.Ids.ToArray();
        for (var first = 0; first < positions.Length;)
        {
            var end = first;
            long sum = 0;
            while (end < positions.Length && positions[end] == positions[first]) sum += sampledIds[end++];
            ids[positions[first]] = (int)(sum / (end - first));
            first = end;
        }
        var isReplaced = new bool[ids.Length];
        for (var i = 0; i < ids.Length; i++) isReplaced[i] = ids[i] != original.Ids[i];
        return (original.WithIds(ids), isReplaced);
    }

    internal static int[] FromCumulativeDistribution(Tensor probabilities, double[] draws)
    {
        var sampled = new int[draws.Length];
        var size = (int)probabilities.shape[1];
        var rows = probabilities.contiguous();
        Parallel.For(0, draws.Length, row =>
        {
            var distribution = TensorMemory.Span<float>(rows).Slice(row * size, size);
            double total = 0, reached = 0;
            foreach (var probability in distribution) total += probability;
            var token = 0;
            for (var target = draws[row] * total; token < size - 1 && (reached += distribution[token]) <= target; token++) { }
            sampled[row] = token;
        });
        return sampled;
    }

    /// <summary>The same by torch operations, where the distribution lives on a device: sums in float32, so that a draw on the edge of two tokens may take the other.</summary>
    internal static int[] FromCumulativeSums(Tensor probabilities, double[] draws)
    {
        using var scope = NewDisposeScope();
        var last = probabilities.shape[1] - 1;
        var sums = probabilities.cumsum(1);                                                       // (M, V)
        var targets = TensorMemory.Floats([.. draws.Select(draw => (float)draw)], sums.device, draws.Length, 1) * sums.narrow(1, last, 1);
        var sampled = searchsorted(sums, targets, right: true).clamp(max: last).cpu();            // (M, 1)
        return [.. TensorMemory.Span<long>(sampled).ToArray().Select(id => (int)id)];
    }
}
