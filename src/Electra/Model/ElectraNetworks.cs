using Electra.Numerics;
using static TorchSharp.torch;

namespace Electra.Model;

/// <summary>A discriminator and, if it has one, its generator, with all their weights in one buffer.</summary>
public sealed class ElectraNetworks : IDisposable
{
    /// <summary>Declares both networks with zero weights on <paramref name="device"/>.</summary>
    /// <param name="discriminator">Its sizes.</param>
    /// <param name="generator">Its sizes, or null for a discriminator alone.</param>
    /// <param name="precision">Of all matrix products.</param>
    /// <param name="device">Where they live.</param>
    /// <param name="sharing">What the generator shares with the discriminator.</param>
    /// <exception cref="ArgumentException">What is to be shared does not fit.</exception>
    public ElectraNetworks(
        EncoderConfig discriminator, EncoderConfig? generator, Precision precision, Device device, GeneratorSharing sharing = GeneratorSharing.Embeddings)
    {
        Precision = precision;
        Discriminator = new Discriminator(discriminator, new ParameterScope(precision, device));
        if (generator is not null)
            Generator = Generator.Beside(Discriminator.Encoder, Discriminator.Parameters, generator, new ParameterScope(precision, device), sharing);
        // The discriminator first: a shared table goes by its owner's name, and so do its first values.
        Parameters = new ParameterBuffer([Discriminator.Parameters, Generator is null ? [] : Prefixed(Generator.Parameters)], device);
    }

    /// <summary>Of all matrix products.</summary>
    public Precision Precision { get; }

    /// <summary>Judges every token.</summary>
    public Discriminator Discriminator { get; }

    /// <summary>Proposes replacements; null where they are drawn without one.</summary>
    public Generator? Generator { get; }

    /// <summary>Every weight once.</summary>
    public ParameterBuffer Parameters { get; }

    /// <summary>Runs both networks by the explicit kernels, where they serve them.</summary>
    /// <param name="numWorkers">Threads.</param>
    /// <returns>True if both run by kernels.</returns>
    public bool UseKernels(int numWorkers)
    {
        Kernels?.Dispose();
        Kernels = ElectraKernels.TryCreate(this, Parameters.Team(numWorkers));
        return Kernels is not null;
    }

    /// <summary>Both networks by explicit kernels, or null where plain operations are in use.</summary>
    public ElectraKernels? Kernels { get; private set; }

    /// <summary>Releases all weights and threads.</summary>
    public void Dispose()
    {
        Kernels?.Dispose();
        Discriminator.Encoder.DropKernels();
        Generator?.Encoder.DropKernels();
        Parameters.Dispose();
    }

    /// <summary>In the buffer the generator's own parameters need names of their own, or equal names would begin with equal values.</summary>
    internal static IReadOnlyList<NamedParameter> Prefixed(IReadOnlyList<NamedParameter> parameters) =>
        [.. parameters.Select(parameter => parameter with { Name = $"generator.{parameter.Name}" })];
}
