using System.Text.Json;
using System.Text.Json.Serialization;
using Electra.Checkpoints;
using Electra.Files;
using Electra.Model;
using Electra.Training;
using static TorchSharp.torch;

namespace Electra.FineTuning;

/// <summary>Writes and reads the state of a run: weights, moments and position. One checkpoint is kept, for it serves resuming alone.</summary>
static class FineTuningCheckpoint
{
    const string WeightsFile = "weights.safetensors", OptimizerFile = "optimizer.safetensors", StateFile = "state.json";

    public static void Save(string runDirectory, FineTuningState state, ParameterBuffer parameters, AdamW optimizer) =>
        TrainingCheckpoint.Save(runDirectory, state.Step, keep: 1, directory =>
        {
            var training = Directory.CreateDirectory(Path.Combine(directory, TrainingCheckpoint.TrainingFolder)).FullName;
            SafetensorsWriter.Write(Path.Combine(training, WeightsFile), [TensorTransfer.Item("weights", parameters.Values)]);
            SafetensorsWriter.Write(Path.Combine(training, OptimizerFile),
            [
                TensorTransfer.Item("first_moment", optimizer.FirstMoment),
                TensorTransfer.Item("second_moment", optimizer.SecondMoment),
            ]);
            AtomicFile.WriteText(Path.Combine(training, StateFile), JsonSerializer.Serialize(state, FineTuningRunJson.Default.FineTuningState) + "\n");
        });

    /// <summary>Fills weights and moments from the newest undamaged checkpoint.</summary>
    /// <returns>Its state, or null if there is none.</returns>
    public static FineTuningState? Load(string runDirectory, ParameterBuffer parameters, AdamW optimizer, Action<string> warn)
    {
        if (TrainingCheckpoint.FindNewest(runDirectory, warn) is not { } newest) return null;
        var training = Path.Combine(newest.Directory, TrainingCheckpoint.TrainingFolder);
        using var noGradient = no_grad();
        Read(Path.Combine(training, WeightsFile), "weights", parameters.Values);
        parameters.MarkChanged();
        Read(Path.Combine(training, OptimizerFile), "first_moment", optimizer.FirstMoment);
        Read(Path.Combine(training, OptimizerFile), "second_moment", optimizer.SecondMoment);
        return ReadState(Path.Combine(training, StateFile));
    }

    /// <summary>Removes the checkpoints of a finished run: nothing goes on from them.</summary>
    public static void Remove(string runDirectory)
    {
        var folder = Path.Combine(runDirectory, "checkpoints");
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }

    static void Read(string path, string name, Tensor destination)
    {
        using var file = SafetensorsFile.Open(path);
        var stored = file.Tensors.FirstOrDefault(tensor => tensor.Name == name) ?? throw new InvalidDataException($"{path}: tensor {name} is missing.");
        TensorTransfer.Read(file, stored, destination);
    }

    static FineTuningState ReadState(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), FineTuningRunJson.Default.FineTuningState) ?? throw new InvalidDataException($"{path}: empty.");
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"{path}: {JsonFault.Of(exception)}.", exception);
        }
    }
}

/// <summary>JSON of a run's own files; a figure that is not finite is null.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Strict,
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, Converters = [typeof(FigureConverter)])]
[JsonSerializable(typeof(FineTuningState))]
[JsonSerializable(typeof(FineTuningResult))]
[JsonSerializable(typeof(FineTuningSummary))]
[JsonSerializable(typeof(FineTuningManifest))]
[JsonSerializable(typeof(TaskModelSettings))]
[JsonSerializable(typeof(Dictionary<string, EvaluationFigures>))]
[JsonSerializable(typeof(StoredPredictions.Manifest))]
sealed partial class FineTuningRunJson : JsonSerializerContext;
