using Electra.Randomness;

namespace Electra.Numerics.Kernels;

/// <summary>What an encoder drops in one step; the default drops nothing.</summary>
/// <param name="Hidden">Chance for embeddings and sublayer outputs, in [0, 1).</param>
/// <param name="Attention">Chance for attention probabilities, in [0, 1).</param>
/// <param name="Seed">The seed of the run.</param>
/// <param name="Step">The optimizer step.</param>
/// <param name="Encoder">Which encoder of the model, from 0: encoders draw independently.</param>
public readonly record struct EncoderDropout(double Hidden, double Attention, ulong Seed, long Step, int Encoder)
{
    internal uint Key(long place, int layer, DropoutSublayer sublayer) =>
        DropoutMask.Key(Seed, Step, place, DropoutMask.Site(Encoder, layer, sublayer));
}
