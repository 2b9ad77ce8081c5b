using Electra.Numerics;
using Electra.Numerics.Kernels;
using static TorchSharp.torch;

namespace Electra.Model;

/// <summary>
/// All distinct parameters of one training run side by side in one flat float32 tensor, and their gradients in another, so that clipping,
/// the optimizer, reduction and checkpoints each pass over contiguous memory. Decayed matrices come first, the rest after.
/// </summary>
public sealed class ParameterBuffer : IDisposable
{
    /// <summary>Each parameter begins at a multiple of this many floats: a vector of 32 bytes. Widths that are multiples of it leave no gaps.</summary>
    internal const int Alignment = 8;

    WorkerTeam? _team;

    /// <summary>Moves the parameters of the networks into one buffer on <paramref name="device"/>; a shared one is taken once.</summary>
    public ParameterBuffer(IEnumerable<IReadOnlyList<NamedParameter>> networks, Device device)
    {
        var distinct = networks.SelectMany(network => network).DistinctBy(parameter => parameter.Value.Handle).ToList();
        var ordered = distinct.Where(parameter => parameter.IsDecayed).Concat(distinct.Where(parameter => !parameter.IsDecayed));
        long offset = 0;
        var slots = new List<Slot>();
        foreach (var parameter in ordered)
        {
            if (!parameter.IsDecayed && slots is [.., { Parameter.IsDecayed: true }]) NumDecayed = offset;
            slots.Add(new Slot(parameter, offset, parameter.Value.numel()));
            offset += (parameter.Value.numel() + Alignment - 1) / Alignment * Alignment;
        }
        if (slots is not [.., { Parameter.IsDecayed: false }]) NumDecayed = offset;
        Slots = slots;
        Values = TensorMemory.Zeros(offset, device).DetachFromDisposeScope();
        Gradients = TensorMemory.Zeros(offset, device).DetachFromDisposeScope();

        using var noGradient = no_grad();
        foreach (var slot in slots)
        {
            using var scope = NewDisposeScope(); // holds the views while torch works on them; torch keeps what they show
            var view = Values.narrow(0, slot.Offset, slot.Count).view(slot.Parameter.Value.shape);
            view.copy_(slot.Parameter.Value);
            slot.Parameter.Value.set_(view);
            slot.Parameter.Value.grad = Gradients.narrow(0, slot.Offset, slot.Count).view(slot.Parameter.Value.shape);
        }
    }

    /// <summary>Where a parameter lies.</summary>
    /// <param name="Parameter">Under the name of the first network that has it.</param>
    /// <param name="Offset">First element in the buffer.</param>
    /// <param name="Count">Elements.</param>
    public readonly record struct Slot(NamedParameter Parameter, long Offset, long Count);

    /// <summary>All distinct parameters in the order of the buffer.</summary>
    public IReadOnlyList<Slot> Slots { get; }

    /// <summary>Elements at the front of the buffer that weight decay acts on.</summary>
    public long NumDecayed { get; }

    /// <summary>Flat weights; the gaps between parameters are zero and stay so.</summary>
    public Tensor Values { get; }

    /// <summary>Flat gradients.</summary>
    public Tensor Gradients { get; }

    /// <summary>Number of weights, each shared one counted once.</summary>
    public long NumParameters => Slots.Sum(slot => slot.Count);

    /// <summary>Grows with every change of the weights that was told of: what was derived from other weights is out of date.</summary>
    public long Version { get; private set; }

    /// <summary>Says that weights have changed, after a step, a load or an edit.</summary>
    public void MarkChanged() => Version++;

    /// <summary>
    /// A number that changes with <see cref="Version"/> and, in all likelihood, with any other change of a whole parameter: a sample of the
    /// weights' bits, so that a load which nobody told of is noticed.
    /// </summary>
    internal unsafe ulong Fingerprint()
    {
        const int samples = 8;
        var values = (uint*)TensorMemory.Pointer(Values);
        var fingerprint = (ulong)Version;
        foreach (var slot in Slots)
            for (var i = 0; i < samples; i++) fingerprint = (fingerprint ^ values[slot.Offset + slot.Count * i / samples]) * 0x9E3779B97F4A7C15;
        return fingerprint;
    }

    /// <summary>The threads of all that works on these weights, passes and optimizer: a second team would look for work on the processors that the first one needs.</summary>
    /// <param name="numWorkers">How many, where they do not run yet.</param>
    internal WorkerTeam Team(int numWorkers) => _team ??= new WorkerTeam(numWorkers);

    /// <summary>Sets all gradients to zero.</summary>
    public void ClearGradients()
    {
        using var noGradient = no_grad();
        Gradients.zero_();
    }

    /// <summary>Gives every parameter its first value.</summary>
    public void Initialize(ulong seed, double standardDeviation)
    {
        foreach (var slot in Slots) slot.Parameter.Initialize(seed, standardDeviation);
        MarkChanged();
    }

    /// <summary>Releases the memory of weights and gradients, and ends the threads.</summary>
    public void Dispose()
    {
        _team?.Dispose();
        foreach (var slot in Slots) slot.Parameter.Value.Dispose();
        Values.Dispose();
        Gradients.Dispose();
    }
}
