namespace Electra.Tests;

/// <summary>Tests that run torch: one at a time, because each uses all threads and libtorch's thread settings are the process's.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
#pragma warning disable CA1711 // xunit calls it a collection.
public sealed class TorchCollection
#pragma warning restore CA1711
{
    public const string Name = "torch";
}
