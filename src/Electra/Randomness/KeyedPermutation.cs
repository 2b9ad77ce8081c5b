using System.Numerics;

namespace Electra.Randomness;

/// <summary>
/// A permutation of [0, count) that is computed, never stored: a balanced Feistel network over the next even power of two,
/// applied again until the value falls inside (cycle walking; Black and Rogaway 2002).
/// </summary>
public sealed class KeyedPermutation
{
    const int NumRounds = 4;

    readonly ulong _key, _place;
    readonly int _halfBits;
    readonly uint _halfMask;

    /// <param name="count">Number of elements, at least 1.</param>
    /// <param name="seed">The seed of the run.</param>
    /// <param name="place">Which permutation: usually the epoch.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is not positive.</exception>
    public KeyedPermutation(long count, ulong seed, ulong place)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        Count = count;
        _key = seed ^ ((ulong)RandomPurpose.Order << 56);
        _place = place;
        var bits = 64 - BitOperations.LeadingZeroCount((ulong)(count - 1));
        _halfBits = Math.Max(1, (bits + 1) / 2);
        _halfMask = (uint)((1UL << _halfBits) - 1);
    }

    /// <summary>Number of elements.</summary>
    public long Count { get; }

    /// <summary>Where <paramref name="index"/> goes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The index lies outside [0, Count).</exception>
    public long this[long index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            var value = (ulong)index;
            do value = Encrypt(value);
            while (value >= (ulong)Count);
            return (long)value;
        }
    }

    ulong Encrypt(ulong value)
    {
        var (left, right) = ((uint)(value >> _halfBits), (uint)value & _halfMask);
        for (ulong round = 0; round < NumRounds; round++)
            (left, right) = (right, left ^ (Philox.Generate(_key, _place, (round << 32) | right).A & _halfMask));
        return ((ulong)left << _halfBits) | right;
    }
}
