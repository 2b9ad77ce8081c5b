using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Electra.Randomness;

namespace Electra.Numerics.Kernels;

/// <summary>The dropout of one site, for tokens of several examples that lie one after the other.</summary>
/// <param name="keys">The site's key for every token (the key of the token's example).</param>
/// <param name="indices">Every token's index within its example.</param>
/// <param name="threshold">Of the 16-bit draws; 0 drops nothing.</param>
/// <param name="width">Width of the activations.</param>
readonly unsafe struct RowDropout(uint* keys, int* indices, uint threshold, int width)
{
    readonly int _stride = DropoutMask.HiddenStride(width);
    readonly float _scale = DropoutMask.HiddenScale(threshold);

    /// <summary>True when something is dropped.</summary>
    public bool IsActive => threshold > 0;

    /// <summary>The key of a token's example.</summary>
    public uint Key(int token) => IsActive ? keys[token] : 0;

    /// <summary>The counter of a token's first element.</summary>
    public uint Element(int token) => IsActive ? (uint)(indices[token] * _stride) : 0;

    /// <summary>The factors of sixteen consecutive elements; the first is a multiple of 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> Factors(uint key, uint element) => DropoutMask.HiddenLanes(key, element, threshold, _scale);

    /// <summary>The factor of one element.</summary>
    public float Factor(uint key, uint element) => DropoutMask.HiddenFactor(key, element, threshold, _scale);
}
