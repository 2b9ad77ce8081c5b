using Electra.Numerics;
using Electra.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Electra.Model;

/// <summary>
/// Which activations a training step drops: a pure function of (seed, step, the example's place in the global batch, site, element),
/// so that micro-batches, workers and paths all draw the same.
/// </summary>
/// <param name="Seed">The seed of the run.</param>
/// <param name="Step">The step, from 0.</param>
/// <param name="Places">Each row's place in the global batch.</param>
public sealed record Dropout(ulong Seed, long Step, int[] Places)
{
    /// <summary>The key of one example at one site.</summary>
    public uint KeyOf(int row, int site) => DropoutMask.Key(Seed, Step, Places[row], site);

    /// <summary>
    /// Lets a GPU's generator, which knows no keys, begin anew for the passes of these rows: an encoder asks for it at the start of a pass, so
    /// that a pass which is repeated, or a run which is resumed, draws the same.
    /// </summary>
    public void SeedGenerator(Device device, int site)
    {
        if (device.type == DeviceType.CUDA) cuda.manual_seed_all(KeyOf(row: 0, site));
    }

    /// <summary>Drops elements of (B, T, H) and scales the rest by 1 / (1 - p).</summary>
    public Tensor ApplyToHidden(Tensor x, double probability, int site)
    {
        if (probability == 0) return x;
        if (x.device_type != DeviceType.CPU) return nn.functional.dropout(x, probability, training: true);
        var (rows, tokens, width) = ((int)x.shape[0], (int)x.shape[1], (int)x.shape[2]);
        return Apply(x, rows, (row, mask) => DropoutMask.FillHidden(mask, tokens, width, KeyOf(row, site), probability));
    }

    /// <summary>Drops attention probabilities (B, N, T, T) and scales the rest by 1 / (1 - p).</summary>
    public Tensor ApplyToAttention(Tensor x, double probability, int site)
    {
        if (probability == 0) return x;
        if (x.device_type != DeviceType.CPU) return nn.functional.dropout(x, probability, training: true);
        var (rows, heads, tokens) = ((int)x.shape[0], (int)x.shape[1], (int)x.shape[2]);
        return Apply(x, rows, (row, mask) => DropoutMask.FillAttention(mask, heads, tokens, KeyOf(row, site), probability));
    }

    delegate void FillRow(int row, Span<float> mask);

    static Tensor Apply(Tensor x, int numRows, FillRow fill)
    {
        using var scope = NewDisposeScope();
        var mask = empty(x.shape, ScalarType.Float32);
        var rowSize = (int)(x.numel() / numRows);
        Parallel.For(0, numRows, row => fill(row, TensorMemory.Span<float>(mask).Slice(row * rowSize, rowSize)));
        return (x * mask).MoveToOuterDisposeScope();
    }
}

/// <summary>Places on top of an encoder where activations are dropped; those inside it are named by <see cref="DropoutMask.Site"/>.</summary>
public static class HeadDropoutSite
{
    const int FirstSite = 65_000;

    /// <summary>The dropout of a head, counted from 0.</summary>
    public static int Number(int index) => FirstSite + index;
}
