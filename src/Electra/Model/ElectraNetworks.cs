using Electra.Numerics;
using Electra.Numerics.Kernels;
using static TorchSharp.torch;

namespace Electra.Model;

/// <summary>A discriminator and the generator that stands on its tables, with all their weights in one buffer.</summary>
public sealed class ElectraNetworks : IDisposable
{
    WorkerTeam? _team;

    /// <summary>Declares both networks with zero weights on <paramref name="device"/>.</summary>
    /// <exception cref="ArgumentException">The generator's tables do not fit the discriminator's.</exception>
    public ElectraNetworks(EncoderConfig discriminator, EncoderConfig generator, Precision precision, Device device)
    {
        Precision = precision;
        Discriminator = new Discriminator(discriminator, new ParameterScope(precision, device));
        Generator = new Generator(generator, new ParameterScope(precision, device), Discriminator.Encoder);
        // The discriminator first: a shared table goes by its owner's name, and so do its first values.
        Parameters = new ParameterBuffer([Discriminator.Parameters, Prefixed(Generator.Parameters)], device);
    }

    /// <summary>Of all matrix products.</summary>
    public Precision Precision { get; }

    /// <summary>Judges every token.</summary>
    public Discriminator Discriminator { get; }

    /// <summary>Proposes replacements.</summary>
    public Generator Generator { get; }

    /// <summary>Every weight once.</summary>
    public ParameterBuffer Parameters { get; }

    /// <summary>Runs both networks by the explicit kernels, where they serve them.</summary>
    /// <param name="numWorkers">Threads.</param>
    /// <returns>True if both run by kernels.</returns>
    public bool UseKernels(int numWorkers)
    {
        _team ??= new WorkerTeam(numWorkers);
        Kernels?.Dispose();
        Kernels = ElectraKernels.TryCreate(this, _team);
        return Kernels is not null;
    }

    /// <summary>Both networks by explicit kernels, or null where plain operations are in use.</summary>
    public ElectraKernels? Kernels { get; private set; }

    /// <summary>Releases all weights and threads.</summary>
    public void Dispose()
    {
        Kernels?.Dispose();
        Discriminator.Encoder.DropKernels();
        Generator.Encoder.DropKernels();
        _team?.Dispose();
        Parameters.Dispose();
    }

    /// <summary>In the buffer the generator's own parameters need names of their own, or equal names would begin with equal values.</summary>
    static IReadOnlyList<NamedParameter> Prefixed(IReadOnlyList<NamedParameter> parameters) =>
        [.. parameters.Select(parameter => parameter with { Name = $"generator.{parameter.Name}" })];
}
