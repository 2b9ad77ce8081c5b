using System.Reflection;
using Electra.Numerics;
using TorchSharp;

namespace Electra.FineTuning;

/// <summary>What a fine-tuning was begun with, and on what machine: <c>manifest.json</c>.</summary>
/// <param name="Version">Of this program.</param>
/// <param name="Libtorch">Version and path of the tensor library.</param>
/// <param name="Device">cpu or cuda.</param>
/// <param name="Precision">Of matrix products.</param>
/// <param name="Threads">Of the tensor library.</param>
/// <param name="Processor">Its name.</param>
/// <param name="Data">Folder of the task's files.</param>
/// <param name="From">The model it began from.</param>
/// <param name="HasRandomWeights">True if only the model's sizes and vocabulary were taken.</param>
/// <param name="NumSeeds">Runs of each learning rate and batch size.</param>
/// <param name="Started">Time of the start.</param>
public sealed record FineTuningManifest(
    string Version,
    string Libtorch,
    string Device,
    string Precision,
    int Threads,
    string Processor,
    string Data,
    string From,
    bool HasRandomWeights,
    int NumSeeds,
    DateTimeOffset Started)
{
    /// <summary>Describes a fine-tuning that begins now on this machine.</summary>
    public static FineTuningManifest Of(FineTuningRecipe recipe, string data, string from, bool hasRandomWeights, int numSeeds)
    {
        var library = TorchLibrary.EnsureLoaded();
        return new FineTuningManifest(
            Assembly.GetExecutingAssembly().GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion,
            $"{library.Version} ({library.Folder})",
            torch.cuda.is_available() ? "cuda" : "cpu",
            Pretraining.RunEnvironment.PrecisionOf(recipe.Precision).ToString(),
            torch.get_num_threads(),
            Hardware.Describe().Processor,
            Path.GetFullPath(data),
            Path.GetFullPath(from),
            hasRandomWeights,
            numSeeds,
            DateTimeOffset.UtcNow);
    }
}
