using System.Runtime.CompilerServices;

namespace Electra.Randomness;

/// <summary>Philox 4x32-10, a counter-based generator: the same key and counter always give the same four words (Salmon et al. 2011).</summary>
public static class Philox
{
    const uint MultiplierA = 0xD2511F53, MultiplierB = 0xCD9E8D57;
    const uint WeylA = 0x9E3779B9, WeylB = 0xBB67AE85;
    const int NumRounds = 10;

    /// <summary>Four independent uniform 32-bit words for one (key, counter) pair.</summary>
    [SkipLocalsInit]
    public static (uint A, uint B, uint C, uint D) Generate(ulong key, ulong counterHigh, ulong counterLow)
    {
        var (k0, k1) = ((uint)key, (uint)(key >> 32));
        var (c0, c1, c2, c3) = ((uint)counterLow, (uint)(counterLow >> 32), (uint)counterHigh, (uint)(counterHigh >> 32));
        for (var round = 0; round < NumRounds; round++)
        {
            var productA = (ulong)MultiplierA * c0;
            var productB = (ulong)MultiplierB * c2;
            (c0, c1, c2, c3) = ((uint)(productB >> 32) ^ c1 ^ k0, (uint)productB, (uint)(productA >> 32) ^ c3 ^ k1, (uint)productA);
            k0 += WeylA;
            k1 += WeylB;
        }
        return (c0, c1, c2, c3);
    }
}
