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
/// <param name="Processor">Name of what computes: the processor or the GPU.</param>
/// <param name="Data">Folder of the task's files.</param>
/// <param name="From">The model it began from.</param>
/// <param name="HasRandomWeights">True if only the model's sizes and vocabulary were taken.</param>
/// <param name="NumSeeds">Runs of each learning rate and batch size.</param>
/// <param name="Started">Time of the start.</param>
/// <param name="Sets">A hash of each set's examples; null in a run that an earlier version began.</param>
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
    DateTimeOffset Started,
    IReadOnlyDictionary<string, string>? Sets = null)
{
    /// <summary>Describes a fine-tuning that begins now on this machine.</summary>
    public static FineTuningManifest Of(FineTuningRecipe recipe, string data, string from, bool hasRandomWeights, int numSeeds, TaskSets sets)
    {
        var library = TorchLibrary.EnsureLoaded();
        return new FineTuningManifest(
            Assembly.GetExecutingAssembly().GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion,
            $"{library.Version} ({library.Folder})",
            ComputeDevice.Name,
            Pretraining.RunEnvironment.PrecisionOf(recipe.Precision).ToString(),
            torch.get_num_threads(),
            ComputeDevice.ProcessorName,
            Path.GetFullPath(data),
            Path.GetFullPath(from),
            hasRandomWeights,
            numSeeds,
            DateTimeOffset.UtcNow,
            sets.Identities);
    }

    /// <summary>Refuses sets that are not those of the start: what is finished and what is still to be run would not be of one kind.</summary>
    /// <param name="sets">What was read now.</param>
    /// <param name="path">The run, for the message.</param>
    /// <exception cref="InvalidDataException">A set has other examples.</exception>
    public void RefuseOther(TaskSets sets, string path)
    {
        if (Sets is null) return;
        foreach (var (name, identity) in sets.Identities)
            if (Sets.GetValueOrDefault(name) != identity)
                throw new InvalidDataException($"{path} was begun on other examples of the set {name}: that would be another run. Give --data as it was then, or begin anew with another --out.");
    }
}
