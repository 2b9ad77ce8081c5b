using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Electra.Randomness;

/// <summary>
/// Which activations are dropped, as a pure function of (seed, step, example, site, element): nothing is stored, the backward
/// pass asks again, and every path draws the same. A key is a Philox word; elements are told apart by a 32-bit integer hash.
/// </summary>
public static class DropoutMask
{
    /// <summary>Longest sequence for which attention masks do not repeat.</summary>
    public const int MaxTokens = 4096;

    /// <summary>Most heads for which attention masks do not repeat.</summary>
    public const int MaxHeads = 256;

    const int Block = 32, HalfBlock = Block / 2, LaneCount = 16;
    const uint LowBits = 0xffff;

    /// <summary>Names a place in a model where activations are dropped.</summary>
    /// <param name="encoder">Which encoder of the model, from 0.</param>
    /// <param name="layer">Which layer, from 0; 0 for the embeddings.</param>
    /// <param name="sublayer">Which activations of the layer.</param>
    /// <exception cref="ArgumentOutOfRangeException">The encoder lies outside [0, 64) or the layer outside [0, 256).</exception>
    public static int Site(int encoder, int layer, DropoutSublayer sublayer)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)encoder, 64u, nameof(encoder));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)layer, 256u, nameof(layer));
        return encoder * 1024 + layer * 4 + (int)sublayer;
    }

    /// <summary>The key of one example at one site in one step.</summary>
    /// <param name="seed">The seed of the run.</param>
    /// <param name="step">The optimizer step.</param>
    /// <param name="place">The example's index within the step's global batch.</param>
    /// <param name="site">See <see cref="Site"/>.</param>
    public static uint Key(ulong seed, long step, long place, int site) =>
        Philox.Generate(seed ^ ((ulong)RandomPurpose.Dropout << 56), (ulong)step, ((ulong)place * 65536) ^ (uint)site).A;

    /// <summary>Fills one example's mask for activations (T, H): 0 where dropped, 1 / (1 - p) where kept.</summary>
    /// <param name="mask">(T, H).</param>
    /// <param name="tokens">T.</param>
    /// <param name="hidden">H.</param>
    /// <param name="key">See <see cref="Key"/>.</param>
    /// <param name="probability">Chance of being dropped, in [0, 1); taken in steps of 2^-16.</param>
    /// <exception cref="ArgumentException">The span has another length than T x H.</exception>
    public static void FillHidden(Span<float> mask, int tokens, int hidden, uint key, double probability)
    {
        if (mask.Length != (long)tokens * hidden)
            throw new ArgumentException($"The mask has {mask.Length} elements, {tokens} x {hidden} need {(long)tokens * hidden}.", nameof(mask));
        var threshold = HiddenThreshold(probability);
        var scale = HiddenScale(threshold);
        var stride = HiddenStride(hidden);
        for (var token = 0; token < tokens; token++)
        {
            var row = mask.Slice(token * hidden, hidden);
            var element = (uint)(token * stride);
            var column = 0;
            for (; column + LaneCount <= hidden; column += LaneCount)
                HiddenLanes(key, element + (uint)column, threshold, scale).CopyTo(row[column..]);
            for (; column < hidden; column++) row[column] = HiddenFactor(key, element + (uint)column, threshold, scale);
        }
    }

    /// <summary>Fills one example's mask for attention probabilities (N, T, T): 0 where dropped, 1 / (1 - p) where kept.</summary>
    /// <param name="mask">(N, T, T): head, query, key.</param>
    /// <param name="heads">N, at most <see cref="MaxHeads"/>.</param>
    /// <param name="tokens">T, at most <see cref="MaxTokens"/>.</param>
    /// <param name="key">See <see cref="Key"/>.</param>
    /// <param name="probability">Chance of being dropped, in [0, 1).</param>
    /// <exception cref="ArgumentException">The span has another length than N x T x T.</exception>
    public static void FillAttention(Span<float> mask, int heads, int tokens, uint key, double probability)
    {
        if (mask.Length != (long)heads * tokens * tokens)
            throw new ArgumentException($"The mask has {mask.Length} elements, {heads} x {tokens} x {tokens} are needed.", nameof(mask));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(heads, MaxHeads);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(tokens, MaxTokens);
        var threshold = AttentionThreshold(probability);
        var scale = AttentionScale(probability);
        for (var head = 0; head < heads; head++)
        {
            for (var query = 0; query < tokens; query++)
            {
                var row = mask.Slice((head * tokens + query) * tokens, tokens);
                var counter = AttentionCounter(head, query);
                var position = 0;
                for (; position + LaneCount <= tokens; position += LaneCount)
                    AttentionLanes(key, counter + (uint)position, threshold, scale).CopyTo(row[position..]);
                for (; position < tokens; position++) row[position] = AttentionFactor(key, counter + (uint)position, threshold, scale);
            }
        }
    }

    /// <summary>Elements between the rows of a (T, H) mask's counter: whole blocks, whatever H is.</summary>
    internal static int HiddenStride(int hidden) => (hidden + Block - 1) / Block * Block;

    /// <summary>A 16-bit draw below this is dropped.</summary>
    internal static uint HiddenThreshold(double probability)
    {
        ThrowIfNoProbability(probability);
        return (uint)Math.Min(Math.Round(probability * 65536), 65535);
    }

    /// <summary>What a kept activation is multiplied by.</summary>
    internal static float HiddenScale(uint threshold) => 65536f / (65536 - threshold);

    /// <summary>A 32-bit draw below this is dropped.</summary>
    internal static uint AttentionThreshold(double probability)
    {
        ThrowIfNoProbability(probability);
        return (uint)Math.Min(Math.Round(probability * 4294967296.0), uint.MaxValue);
    }

    /// <summary>What a kept probability is multiplied by.</summary>
    internal static float AttentionScale(double probability) => (float)(1 / (1 - probability));

    /// <summary>The counter of key 0 for a head and a query.</summary>
    internal static uint AttentionCounter(int head, int query) => (uint)(head * MaxTokens + query) * MaxTokens;

    /// <summary>One factor of a hidden mask. One hash serves two elements, 16 apart.</summary>
    internal static float HiddenFactor(uint key, uint element, uint threshold, float scale)
    {
        var word = Mix((element / Block * HalfBlock + element % HalfBlock) ^ key);
        var bits = element / HalfBlock % 2 == 0 ? word & LowBits : word >> 16;
        return bits >= threshold ? scale : 0;
    }

    /// <summary>Sixteen factors of a hidden mask.</summary>
    /// <param name="element">The first one, a multiple of 16.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<float> HiddenLanes(uint key, uint element, uint threshold, float scale)
    {
        var word = Mix((Vector512.Create(element / Block * HalfBlock) + Vector512<uint>.Indices) ^ Vector512.Create(key));
        var bits = (element & HalfBlock) == 0 ? word & Vector512.Create(LowBits) : word >>> 16;
        return Vector512.GreaterThanOrEqual(bits, Vector512.Create(threshold)).AsSingle() & Vector512.Create(scale);
    }

    /// <summary>One factor of an attention mask.</summary>
    internal static float AttentionFactor(uint key, uint counter, uint threshold, float scale) => Mix(counter ^ key) >= threshold ? scale : 0;

    /// <summary>Sixteen factors of an attention mask, for consecutive keys.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<float> AttentionLanes(uint key, uint counter, uint threshold, float scale) =>
        AttentionKept(key, Vector512.Create(counter) + Vector512<uint>.Indices, threshold).AsSingle() & Vector512.Create(scale);

    /// <summary>All bits set where the element of a counter is kept.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<uint> AttentionKept(uint key, Vector512<uint> counters, uint threshold) =>
        Vector512.GreaterThanOrEqual(Mix(counters ^ Vector512.Create(key)), Vector512.Create(threshold));

    // The "lowbias32" finalizer (Ellis 2018): every input bit changes every output bit with a chance close to one half.
    static uint Mix(uint x)
    {
        x = (x ^ (x >> 16)) * 0x7feb352d;
        x = (x ^ (x >> 15)) * 0x846ca68b;
        return x ^ (x >> 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector512<uint> Mix(Vector512<uint> x)
    {
        x = (x ^ (x >>> 16)) * Vector512.Create(0x7feb352du);
        x = (x ^ (x >>> 15)) * Vector512.Create(0x846ca68bu);
        return x ^ (x >>> 16);
    }

    static void ThrowIfNoProbability(double probability)
    {
        if (probability is not (>= 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(probability), probability, "A dropout probability lies in [0, 1).");
    }
}
