using Electra.Randomness;

namespace Electra.Model;

/// <summary>How a parameter gets its first values (google-research/electra, modeling.py).</summary>
public enum Initializer
{
    /// <summary>0: biases and LayerNorm shifts.</summary>
    Zeros,
    /// <summary>1: LayerNorm scales.</summary>
    Ones,
    /// <summary>Normal, cut at two standard deviations: tables and encoder matrices.</summary>
    TruncatedNormal,
    /// <summary>Uniform over +-sqrt(6 / (in + out)): the embedding projection, the discriminator's last layer, fine-tuning heads.</summary>
    GlorotUniform,
}

/// <summary>First values as a pure function of the seed and the parameter's name.</summary>
public static class WeightInitialization
{
    /// <summary>Fills <paramref name="values"/>, a matrix (out, in) or a vector, row-major.</summary>
    /// <param name="initializer">The rule.</param>
    /// <param name="shape">The parameter's shape.</param>
    /// <param name="standardDeviation">Of the truncated normal.</param>
    /// <param name="seed">The seed of the run.</param>
    /// <param name="name">The parameter's name: equal names get equal values under one seed.</param>
    /// <param name="values">Filled.</param>
    public static void Fill(Initializer initializer, ReadOnlySpan<long> shape, double standardDeviation, ulong seed, string name, Span<float> values)
    {
        var random = new CounterRandom(seed, RandomPurpose.Initialization, HashOf(name));
        switch (initializer)
        {
            case Initializer.Zeros:
                values.Clear();
                break;
            case Initializer.Ones:
                values.Fill(1);
                break;
            case Initializer.TruncatedNormal:
                foreach (ref var value in values)
                {
                    double draw;
                    do draw = random.NextNormal();
                    while (Math.Abs(draw) > 2);
                    value = (float)(draw * standardDeviation);
                }
                break;
            case Initializer.GlorotUniform:
                var limit = Math.Sqrt(6.0 / (shape[0] + shape[^1]));
                foreach (ref var value in values) value = (float)((2 * random.NextDouble() - 1) * limit);
                break;
        }
    }

    /// <summary>FNV-1a, 64 bits: stable across processes, unlike string.GetHashCode.</summary>
    static ulong HashOf(string name)
    {
        var hash = 0xcbf29ce484222325UL;
        foreach (var character in name) hash = (hash ^ character) * 0x100000001b3UL;
        return hash;
    }
}
