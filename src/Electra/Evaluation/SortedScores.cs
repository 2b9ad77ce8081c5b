namespace Electra.Evaluation;

/// <summary>
/// Many float32 scores, kept as 32-bit keys that order as the scores do, and sorted by radix: 10 million in about a tenth of a second.
/// </summary>
sealed class SortedScores
{
    const int BitsPerPass = 11, NumBuckets = 1 << BitsPerPass;
    const int FewScores = 4 * NumBuckets;

    uint[] _keys = new uint[64];

    public int Count { get; private set; }

    public void Add(float score)
    {
        if (Count == _keys.Length) Array.Resize(ref _keys, (int)Math.Min(Array.MaxLength, 2L * _keys.Length));
        _keys[Count++] = KeyOf(score);
    }

    /// <summary>The keys in rising order; valid until the next <see cref="Add"/>.</summary>
    public ReadOnlySpan<uint> Sort()
    {
        var keys = _keys.AsSpan(0, Count);
        if (Count < FewScores)
        {
            keys.Sort();
            return keys;
        }
        var spare = new uint[_keys.Length];
        for (var shift = 0; shift < 32; shift += BitsPerPass)
        {
            SortByDigit(_keys.AsSpan(0, Count), spare, shift);
            (_keys, spare) = (spare, _keys);
        }
        return _keys.AsSpan(0, Count);
    }

    /// <summary>IEEE 754 bits rise with the value once negative numbers are inverted; -0 is made +0, which it equals.</summary>
    static uint KeyOf(float score)
    {
        var bits = BitConverter.SingleToUInt32Bits(score + 0f);
        return (bits & 0x8000_0000) != 0 ? ~bits : bits | 0x8000_0000;
    }

    static void SortByDigit(ReadOnlySpan<uint> from, Span<uint> to, int shift)
    {
        Span<int> starts = stackalloc int[NumBuckets];
        starts.Clear();
        foreach (var key in from) starts[(int)((key >> shift) & (NumBuckets - 1))]++;
        var start = 0;
        foreach (ref var bucket in starts) (bucket, start) = (start, start + bucket);
        foreach (var key in from) to[starts[(int)((key >> shift) & (NumBuckets - 1))]++] = key;
    }
}
