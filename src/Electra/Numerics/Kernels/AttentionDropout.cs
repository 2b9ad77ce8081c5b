using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Electra.Randomness;

namespace Electra.Numerics.Kernels;

/// <summary>The dropout of one head's probabilities in one example.</summary>
readonly struct AttentionDropout(uint key, int head, double probability)
{
    readonly uint _threshold = DropoutMask.AttentionThreshold(probability);

    /// <summary>True when something is dropped.</summary>
    public bool IsActive => _threshold > 0;

    /// <summary>What a kept probability is multiplied by.</summary>
    public float Scale { get; } = DropoutMask.AttentionScale(probability);

    /// <summary>The counters of a query and sixteen keys.</summary>
    public Vector512<uint> AlongKeys(int query, int position) =>
        Vector512.Create(DropoutMask.AttentionCounter(head, query) + (uint)position) + Vector512<uint>.Indices;

    /// <summary>The counters of sixteen queries and one key.</summary>
    public Vector512<uint> AlongQueries(int query, int position) =>
        Vector512.Create(DropoutMask.AttentionCounter(head, query) + (uint)position) + Vector512<uint>.Indices * DropoutMask.MaxTokens;

    /// <summary>All bits set where the element of a counter is kept.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> Kept(Vector512<uint> counters) => DropoutMask.AttentionKept(key, counters, _threshold).AsSingle();
}
