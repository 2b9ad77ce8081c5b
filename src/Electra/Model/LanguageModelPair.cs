using Electra.Numerics;
using Electra.Numerics.Kernels;
using static TorchSharp.torch;

namespace Electra.Model;

// Shapes: M tokens, H hidden.

/// <summary>A masked language model that is kept and the generator that corrupts its text, with all their weights in one buffer.</summary>
public sealed class LanguageModelPair : IDisposable
{
    /// <summary>The number of the kept encoder among dropout sites, as a discriminator's.</summary>
    const int EncoderIndex = 1;

    /// <summary>Declares both networks with zero weights on <paramref name="device"/>.</summary>
    /// <param name="model">Sizes of the network that is kept.</param>
    /// <param name="generator">Sizes of the generator.</param>
    /// <param name="sharing">What the generator shares.</param>
    /// <param name="copies">True adds a gate that says of each token whether it is to be copied.</param>
    /// <param name="precision">Of all matrix products.</param>
    /// <param name="device">Where they live.</param>
    /// <exception cref="ArgumentException">What is to be shared does not fit.</exception>
    public LanguageModelPair(EncoderConfig model, EncoderConfig generator, GeneratorSharing sharing, bool copies, Precision precision, Device device)
    {
        Precision = precision;
        var scope = new ParameterScope(precision, device);
        Model = new Generator(model, scope, EncoderIndex);
        if (copies) CopyGate = scope["copy_gate"].Linear(model.HiddenSize, 1);
        Generator = Generator.Beside(Model.Encoder, Model.Parameters, generator, new ParameterScope(precision, device), sharing);
        Parameters = new ParameterBuffer([Model.Parameters, ElectraNetworks.Prefixed(Generator.Parameters)], device);
    }

    /// <summary>Of all matrix products.</summary>
    public Precision Precision { get; }

    /// <summary>The network that is kept.</summary>
    public Generator Model { get; }

    /// <summary>Hidden states (M, H) to logits (M, 1) that the token is copied; null without one.</summary>
    public LinearLayer? CopyGate { get; }

    /// <summary>Proposes replacements.</summary>
    public Generator Generator { get; }

    /// <summary>Every weight once.</summary>
    public ParameterBuffer Parameters { get; }

    /// <summary>Both networks by explicit kernels, or null where plain operations are in use. Where they share their encoder, each has a head of its own on it.</summary>
    public (MaskedLanguageModelKernels Model, MaskedLanguageModelKernels Generator)? Kernels { get; private set; }

    /// <summary>Runs both networks by the explicit kernels, where they serve them.</summary>
    /// <param name="numWorkers">Threads.</param>
    /// <returns>True if both run by kernels.</returns>
    public bool UseKernels(int numWorkers)
    {
        DropKernels();
        var team = Parameters.Team(numWorkers);
        if (Encoder.UseKernels([Model.Encoder, Generator.Encoder], Parameters, team) is not [var model, var generator]) return false;
        Kernels = (
            new MaskedLanguageModelKernels(model, Model.Encoder, Model.Parameters, Parameters, Precision, team),
            new MaskedLanguageModelKernels(generator, Generator.Encoder, Generator.Parameters, Parameters, Precision, team));
        return true;
    }

    /// <summary>Releases all weights and threads.</summary>
    public void Dispose()
    {
        DropKernels();
        Model.Encoder.DropKernels();
        Generator.Encoder.DropKernels();
        Parameters.Dispose();
    }

    void DropKernels()
    {
        Kernels?.Model.Dispose();
        Kernels?.Generator.Dispose();
        Kernels = null;
    }
}
