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

    public static void AssertClose(float[] expected, float[] actual, float tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.DoesNotContain(actual, float.IsNaN);
        var worst = Enumerable.Range(0, expected.Length).MaxBy(i => MathF.Abs(expected[i] - actual[i]));
        var difference = MathF.Abs(expected[worst] - actual[worst]);
        Assert.True(difference <= tolerance, $"Element {worst}: {actual[worst]} instead of {expected[worst]}, {difference} apart where {tolerance} is allowed.");
    }
}
