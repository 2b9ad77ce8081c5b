using Electra.Model;

namespace Electra.Checkpoints;

/// <summary>A model read from a directory.</summary>
/// <param name="Network">Ready to run.</param>
/// <param name="Config">Its config.json.</param>
/// <param name="Report">What was not as expected.</param>
public sealed record LoadedModel(PretrainedNetwork Network, HuggingFaceConfig Config, LoadReport Report) : IDisposable
{
    /// <summary>Releases the network's weights.</summary>
    public void Dispose() => Network.Dispose();
}
