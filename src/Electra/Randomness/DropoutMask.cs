namespace Electra.Randomness;

/// <summary>Dropout from a counter hash: a mask is computed where it is needed and never stored.</summary>
public static class DropoutMask
{
    const int MaxSites = 65536, MaxTokens = 4096, Block = 32, HalfBlock = 16;

    /// <summary>The key of one example at one site of one step.</summary>
    public static uint SiteKey(ulong seed, ulong step, ulong place, int site) =>
        Philox.Generate(seed ^ ((ulong)RandomPurpose.Dropout << 56), step, (place * MaxSites) ^ (uint)site).A;

    /// <summary>Fills the mask (T, H) of one example: 0, or 1 / (1 - p) for what is kept.</summary>
    public static void FillHidden(Span<float> mask, int tokens, int width, uint key, double probability)
    {
        // Two elements share a 32-bit word, 16 bits each: the chance is p to 1 in 65,536.
        var threshold = (uint)Math.Round(probability * 65536);
        var scale = 65536f / (65536 - threshold);
        var stride = (width + Block - 1) / Block * Block;
        for (var t = 0; t < tokens; t++)
            for (var h = 0; h < width; h++)
            {
                var element = (uint)(t * stride + h);
                var word = Mix(((element / Block * HalfBlock) + element % HalfBlock) ^ key);
                var bits = element / HalfBlock % 2 == 0 ? word & 0xffff : word >> 16;
                mask[t * width + h] = bits >= threshold ? scale : 0;
            }
    }

    /// <summary>Fills the mask (N, T, T) of one example's attention probabilities: 0, or 1 / (1 - p) for what is kept.</summary>
    public static void FillAttention(Span<float> mask, int heads, int tokens, uint key, double probability)
    {
        var threshold = (uint)Math.Round(probability * 4294967296.0);
        var scale = (float)(1 / (1 - probability));
        for (var n = 0; n < heads; n++)
            for (var q = 0; q < tokens; q++)
                for (var k = 0; k < tokens; k++)
                    mask[(n * tokens + q) * tokens + k] = Mix((uint)((n * MaxTokens + q) * MaxTokens + k) ^ key) >= threshold ? scale : 0;
    }

    /// <summary>A 32-bit mixing function (the constants are "lowbias32", found by C. Wellons's hash prospector).</summary>
    internal static uint Mix(uint x)
    {
        x = (x ^ (x >> 16)) * 0x7feb352d;
        x = (x ^ (x >> 15)) * 0x846ca68b;
        return x ^ (x >> 16);
    }
}
