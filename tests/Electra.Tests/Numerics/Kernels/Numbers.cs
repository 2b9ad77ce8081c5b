namespace Electra.Tests.Numerics.Kernels;

/// <summary>Random numbers to feed kernels with, and what they must come close to.</summary>
static class Numbers
{
    /// <summary>Uniform over [-0.5, 0.5).</summary>
    public static float[] Random(int length, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, length).Select(_ => random.NextSingle() - 0.5f)];
    }

    /// <summary>The cosine of two tensors is at least <paramref name="cosine"/>; one that is zero but for rounding says nothing.</summary>
    public static void AssertSameDirection(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, double cosine, string name)
    {
        double product = 0, expectedSquare = 0, actualSquare = 0;
        for (var i = 0; i < expected.Length; i++)
        {
            product += (double)expected[i] * actual[i];
            expectedSquare += (double)expected[i] * expected[i];
            actualSquare += (double)actual[i] * actual[i];
        }
        var found = product / Math.Sqrt(expectedSquare * actualSquare);
        // The gradient of a key's bias is zero in exact arithmetic: softmax does not see it.
        if (name.EndsWith("key.bias", StringComparison.Ordinal)) return;
        Assert.True(found >= cosine, $"{name}: cosine {found} of two gradients, where {cosine} is asked for.");
    }

    public static void AssertClose(float[] expected, float[] actual, float tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.DoesNotContain(actual, float.IsNaN);
        var worst = Enumerable.Range(0, expected.Length).MaxBy(i => MathF.Abs(expected[i] - actual[i]));
        var difference = MathF.Abs(expected[worst] - actual[worst]);
        Assert.True(difference <= tolerance, $"Element {worst}: {actual[worst]} instead of {expected[worst]}, {difference} apart where {tolerance} is allowed.");
    }
}
