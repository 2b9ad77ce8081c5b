using System.Text.Json;
using Electra.Checkpoints;
using Electra.Files;
using Electra.Model;
using Electra.Tokenization;
using Electra.Training;
using static TorchSharp.torch;

namespace Electra.Pretraining;

/// <summary>Writes and reads the state of a run: both networks as Hugging Face directories, the moments and the position.</summary>
static class RunCheckpoint
{
    const string OptimizerFile = "optimizer.safetensors", StateFile = "state.json";

    public static void Save(RunDirectory run, RunState state, ElectraNetworks networks, AdamW optimizer, ITokenizer tokenizer) =>
        TrainingCheckpoint.Save(run.Path, state.Step, state.Recipe.Run.KeepCheckpoints, directory =>
        {
            SaveNetworks(directory, networks, tokenizer);
            var training = Directory.CreateDirectory(Path.Combine(directory, TrainingCheckpoint.TrainingFolder)).FullName;
            SafetensorsWriter.Write(Path.Combine(training, OptimizerFile),
            [
                TensorTransfer.Item("first_moment", optimizer.FirstMoment),
                TensorTransfer.Item("second_moment", optimizer.SecondMoment),
            ]);
            AtomicFile.WriteText(Path.Combine(training, StateFile), JsonSerializer.Serialize(state, RunJson.Default.RunState) + "\n");
        });

    /// <summary>Writes <c>discriminator/</c> and <c>generator/</c>, each loadable by Hugging Face.</summary>
    public static void SaveNetworks(string directory, ElectraNetworks networks, ITokenizer tokenizer)
    {
        Save("discriminator", "ElectraForPreTraining", networks.Discriminator.Encoder.Config, networks.Discriminator.Parameters);
        Save("generator", "ElectraForMaskedLM", networks.Generator.Encoder.Config, networks.Generator.Parameters);

        void Save(string name, string architecture, EncoderConfig encoder, IReadOnlyList<NamedParameter> parameters) => ModelDirectory.Save(
            Path.Combine(directory, name), new HuggingFaceConfig(new NetworkConfig(Architecture.Named(architecture), encoder)), parameters, tokenizer);
    }

    /// <summary>The state alone, which says with what recipe the rest is to be built.</summary>
    public static RunState LoadState(string directory)
    {
        var path = Path.Combine(directory, TrainingCheckpoint.TrainingFolder, StateFile);
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), RunJson.Default.RunState) ?? throw new InvalidDataException($"{path}: empty.");
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"{path}: {exception.Message}", exception);
        }
    }

    /// <summary>Fills weights and moments.</summary>
    public static void LoadWeights(string directory, ElectraNetworks networks, AdamW optimizer)
    {
        using var noGradient = no_grad();
        ReadAll(Path.Combine(directory, "discriminator", "model.safetensors"), networks.Discriminator.Parameters);
        ReadAll(Path.Combine(directory, "generator", "model.safetensors"), networks.Generator.Parameters);

        using var moments = SafetensorsFile.Open(Path.Combine(directory, TrainingCheckpoint.TrainingFolder, OptimizerFile));
        TensorTransfer.Read(moments, moments.Tensors.Single(tensor => tensor.Name == "first_moment"), optimizer.FirstMoment);
        TensorTransfer.Read(moments, moments.Tensors.Single(tensor => tensor.Name == "second_moment"), optimizer.SecondMoment);
    }

    static void ReadAll(string path, IReadOnlyList<NamedParameter> parameters)
    {
        using var file = SafetensorsFile.Open(path);
        var stored = file.Tensors.ToDictionary(tensor => tensor.Name);
        foreach (var parameter in parameters)
            TensorTransfer.Read(file, stored.TryGetValue(parameter.Name, out var tensor)
                ? tensor
                : throw new InvalidDataException($"{path}: tensor {parameter.Name} is missing."), parameter.Value);
    }
}
