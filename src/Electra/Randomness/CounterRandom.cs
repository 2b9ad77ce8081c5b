namespace Electra.Randomness;

/// <summary>
/// A stream of random numbers that is a pure function of (seed, purpose, place): nothing to save, and the same on every thread.
/// A mutable value: pass it by reference to go on drawing.
/// </summary>
/// <param name="seed">The seed of the run.</param>
/// <param name="purpose">What the numbers are for.</param>
/// <param name="place">Which object they are for: an epoch and an example, a block, a parameter.</param>
public struct CounterRandom(ulong seed, RandomPurpose purpose, ulong place)
{
    readonly ulong _key = seed ^ ((ulong)purpose << 56);
    ulong _counter;
    (uint A, uint B, uint C, uint D) _words;
    int _left;

    /// <summary>A place that names an example: the epoch in the upper 20 bits, the index in the lower 44.</summary>
    public static ulong Place(int epoch, long index) => ((ulong)(uint)epoch << 44) ^ (ulong)index;

    /// <summary>Uniform over all 32-bit words.</summary>
    public uint NextUInt32()
    {
        if (_left == 0)
        {
            _words = Philox.Generate(_key, place, _counter++);
            _left = 4;
        }
        return _left-- switch { 4 => _words.A, 3 => _words.B, 2 => _words.C, _ => _words.D };
    }

    /// <summary>Uniform over [0, 1), 53 bits.</summary>
    public double NextDouble() => (((ulong)NextUInt32() << 21) ^ (NextUInt32() >> 11)) * (1.0 / (1UL << 53));

    /// <summary>Uniform over [0, 1), 24 bits: what a float32 holds.</summary>
    public float NextSingle() => (NextUInt32() >> 8) * (1f / (1 << 24));

    /// <summary>Uniform over [0, <paramref name="bound"/>), without the bias of a remainder (Lemire 2019).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The bound is not positive.</exception>
    public int NextInt32(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        var range = (uint)bound;
        var product = (ulong)NextUInt32() * range;
        if ((uint)product < range)
        {
            var threshold = (0u - range) % range;
            while ((uint)product < threshold) product = (ulong)NextUInt32() * range;
        }
        return (int)(product >> 32);
    }

    /// <summary>Standard normal, by the Box-Muller transform.</summary>
    public double NextNormal()
    {
        var radius = Math.Sqrt(-2 * Math.Log(1 - NextDouble()));
        return radius * Math.Cos(2 * Math.PI * NextDouble());
    }
}
