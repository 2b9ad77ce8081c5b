using System.Text.Json;
using Electra.Checkpoints;
using Electra.Files;
using Electra.Model;
using Electra.Objectives;
using Electra.Tokenization;
using Electra.Training;
using static TorchSharp.torch;

namespace Electra.Pretraining;

/// <summary>Writes and reads the state of a run: its networks as Hugging Face directories, the moments and the position.</summary>
static class RunCheckpoint
{
    const string OptimizerFile = "optimizer.safetensors", StateFile = "state.json";

    public static void Save(RunDirectory run, RunState state, IPretrainingObjective objective, AdamW optimizer, ITokenizer tokenizer) =>
        TrainingCheckpoint.Save(run.Path, state.Step, state.Recipe.Run.KeepCheckpoints, directory =>
        {
            SaveNetworks(directory, objective, tokenizer);
            var training = Directory.CreateDirectory(Path.Combine(directory, TrainingCheckpoint.TrainingFolder)).FullName;
            SafetensorsWriter.Write(Path.Combine(training, OptimizerFile),
            [
                TensorTransfer.Item("first_moment", optimizer.FirstMoment),
                TensorTransfer.Item("second_moment", optimizer.SecondMoment),
            ]);
            AtomicFile.WriteText(Path.Combine(training, StateFile), JsonSerializer.Serialize(state, RunJson.Default.RunState) + "\n");
        });

    /// <summary>Writes each network into a folder of its name, loadable by Hugging Face.</summary>
    public static void SaveNetworks(string directory, IPretrainingObjective objective, ITokenizer tokenizer)
    {
        foreach (var network in objective.Networks)
            ModelDirectory.Save(Path.Combine(directory, network.Name), new HuggingFaceConfig(network.Config), network.Parameters, tokenizer);
    }

    /// <summary>Writes the networks at the end of a run: several each into a folder of its name, a single one as the directory itself.</summary>
    public static void SaveModel(string directory, IPretrainingObjective objective, ITokenizer tokenizer)
    {
        if (objective.Networks is [var network]) ModelDirectory.Save(directory, new HuggingFaceConfig(network.Config), network.Parameters, tokenizer);
        else SaveNetworks(directory, objective, tokenizer);
    }

    /// <summary>The state alone, which says with what recipe the rest is to be built.</summary>
    public static RunState LoadState(string directory)
    {
        var path = Path.Combine(directory, TrainingCheckpoint.TrainingFolder, StateFile);
        return RecipeFile.Load(path, RunJson.Default.RunState);
    }

    /// <summary>Fills weights and moments.</summary>
    public static void LoadWeights(string directory, IPretrainingObjective objective, AdamW optimizer)
    {
        using var noGradient = no_grad();
        foreach (var network in objective.Networks) ReadAll(Path.Combine(directory, network.Name, "model.safetensors"), network.Parameters);

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
