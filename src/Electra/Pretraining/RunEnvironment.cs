using System.Reflection;
using Electra.Corpus;
using Electra.Numerics;
using Electra.Objectives;
using TorchSharp;

namespace Electra.Pretraining;

/// <summary>What this machine brings to a run.</summary>
static class RunEnvironment
{
    /// <summary>Enough for a figure to within a few percent; the benchmark measures longer.</summary>
    const int GemmRepetitions = 3;

    /// <summary>Measured once in a process: a machine does not change between its runs.</summary>
    static readonly Lazy<double> GemmGflops = new(() => GemmRate.Measure(Hardware.TrainingPrecision, GemmRepetitions));

    public static Precision PrecisionOf(PretrainingRecipe recipe) => PrecisionOf(recipe.Precision);

    public static Precision PrecisionOf(PrecisionChoice choice) => choice switch
    {
        PrecisionChoice.Float32 => Precision.Float32,
        PrecisionChoice.BFloat16 => Precision.BFloat16,
        _ => Hardware.TrainingPrecision,
    };

    /// <summary>What to tell of a run that goes slower than its processor could; null where nothing is lost, or float32 was asked for.</summary>
    public static string? WarningOf(PrecisionChoice choice) => choice == PrecisionChoice.Float32 ? null : BFloat16Product.WarningOf(PrecisionOf(choice));

    /// <summary>What to tell of sizes that the fast kernels do not take; null where they do, and on a GPU.</summary>
    /// <param name="choice">What was asked for.</param>
    /// <param name="kernels">In what the explicit kernels compute, or null where they are not in use.</param>
    public static string? WarningOfSizes(PrecisionChoice choice, Precision? kernels) => (kernels, PrecisionOf(choice)) switch
    {
        _ when ComputeDevice.IsGpu || WarningOf(choice) is not null => null,
        (null, _) => "libtorch's operations serve these sizes or this activation, several times slower than the explicit kernels, which take gelu and a hidden_size that is a multiple of 8.",
        (Precision.Float32, Precision.BFloat16) => "float32 is taken instead of bfloat16, which takes widths (embedding_size, hidden_size, intermediate_size) that are multiples of 32.",
        _ => null,
    };

    public static RunManifest Describe(PretrainingRecipe recipe, TokenizedDataset dataset, IPretrainingObjective objective)
    {
        var precision = PrecisionOf(recipe);
        var library = TorchLibrary.EnsureLoaded();
        return new RunManifest(
            Assembly.GetExecutingAssembly().GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion,
            $"{library.Version} ({library.Folder})",
            ComputeDevice.Name,
            (objective.KernelPrecision ?? precision).ToString(),
            objective.KernelPrecision is null ? "plain" : "explicit",
            torch.get_num_threads(),
            ComputeDevice.ProcessorName,
            Path.GetFullPath(Path.Combine(dataset.TokenizerDirectory, "..")),
            dataset.Identity,
            dataset.Manifest.TokenizerIdentity,
            objective.Parameters.NumParameters,
            GemmGflops.Value,
            DateTimeOffset.UtcNow);
    }
}
