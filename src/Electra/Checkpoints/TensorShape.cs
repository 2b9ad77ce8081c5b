namespace Electra.Checkpoints;

/// <summary>Shapes as files claim them: checked before anything is computed from them.</summary>
static class TensorShape
{
    /// <summary>No model here has more than three axes.</summary>
    public const int MaxRank = 8;

    /// <summary>Elements of a shape.</summary>
    /// <returns>False if an axis is negative, there are too many, or the bytes of any format overflow.</returns>
    public static bool TryCount(ReadOnlySpan<long> shape, out long count)
    {
        count = 1;
        if (shape.Length > MaxRank) return false;
        foreach (var size in shape)
        {
            if (size < 0) return false;
            // 8 bytes an element stay below 2^63.
            if (size > 0 && count > (1L << 59) / size) return false;
            count *= size;
        }
        return true;
    }
}
