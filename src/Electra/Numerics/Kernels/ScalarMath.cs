namespace Electra.Numerics.Kernels;

/// <summary>One-number twins of <see cref="Lanes"/>, for widths that are no multiple of sixteen and for tests.</summary>
static class ScalarMath
{
    /// <summary>The standard normal distribution function, with an absolute error below 1.5e-7.</summary>
    public static float NormalCdf(float x)
    {
        // Abramowitz and Stegun 1964, formula 7.1.26, for z = |x| / sqrt 2.
        var t = 1 / (1 + 0.3275911 * Math.Abs(x) * 0.7071067811865476);
        var polynomial = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
        var upperTail = 0.5 * polynomial * Math.Exp(-0.5 * x * x);
        return (float)(x < 0 ? upperTail : 1 - upperTail);
    }
}
