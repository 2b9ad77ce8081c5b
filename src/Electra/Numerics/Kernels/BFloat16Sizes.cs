namespace Electra.Numerics.Kernels;

/// <summary>Which sizes the bfloat16 kernels take. Others are computed in float32, which takes all.</summary>
static class BFloat16Sizes
{
    /// <summary>Widths are whole multiples: two vectors, and a whole number of pairs in every panel.</summary>
    public const int Step = 32;

    /// <summary>True on a processor that multiplies bfloat16, for widths that fit.</summary>
    public static bool Serve(params ReadOnlySpan<int> widths)
    {
        foreach (var width in widths)
            if (width % Step != 0) return false;
        return BFloat16Product.IsAvailable;
    }
}
