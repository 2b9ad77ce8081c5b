using System.Text.Json.Serialization;
using Electra.Corpus;
using Electra.Model;
using Electra.Training;

namespace Electra.Pretraining;

/// <summary>What a run ran on: all that must be equal for equal bits, and what a reader of its figures wants to know.</summary>
/// <param name="Version">Of this program.</param>
/// <param name="Libtorch">Version and path of the tensor library.</param>
/// <param name="Device">cpu or cuda.</param>
/// <param name="Precision">Of matrix products.</param>
/// <param name="Kernels">explicit, or plain torch operations.</param>
/// <param name="Threads">Of the tensor library.</param>
/// <param name="Processor">Name of what computes: the processor or the GPU.</param>
/// <param name="Dataset">Path of the data.</param>
/// <param name="DatasetIdentity">Hash of the data.</param>
/// <param name="TokenizerIdentity">Hash of the vocabulary and its settings.</param>
/// <param name="NumParameters">Weights of all networks, each shared one counted once.</param>
/// <param name="GemmGflops">What the machine multiplies in this precision, measured at the start; utilisation is a share of it.</param>
/// <param name="Started">Time of the start.</param>
/// <param name="From">The model it began from; null for random weights.</param>
public sealed record RunManifest(
    string Version,
    string Libtorch,
    string Device,
    string Precision,
    string Kernels,
    int Threads,
    string Processor,
    string Dataset,
    string DatasetIdentity,
    string TokenizerIdentity,
    long NumParameters,
    double GemmGflops,
    DateTimeOffset Started,
    string? From = null);

/// <summary>JSON of the run's own files.</summary>
[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Strict,
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true,
    Converters = [typeof(SnakeCaseEnumConverter<CuttingRule>), typeof(SnakeCaseEnumConverter<WarmupRule>), typeof(SnakeCaseEnumConverter<PrecisionChoice>), typeof(SnakeCaseEnumConverter<EncoderFamily>), typeof(SnakeCaseEnumConverter<GeneratorSharing>)])]
[JsonSerializable(typeof(RunManifest))]
[JsonSerializable(typeof(RunState))]
[JsonSerializable(typeof(System.Text.Json.JsonElement))]
sealed partial class RunJson : JsonSerializerContext;
