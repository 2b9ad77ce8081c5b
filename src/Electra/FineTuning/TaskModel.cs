using System.Text.Json;
using Electra.Checkpoints;
using Electra.Files;
using Electra.FineTuning.Tasks;
using Electra.Model;
using Electra.Numerics;
using Electra.Tokenization;
using static TorchSharp.torch;

namespace Electra.FineTuning;

/// <summary>A fine-tuned model: a Hugging Face directory with the task's file beside it, so that predicting needs nothing else.</summary>
public sealed class TaskModel : IDisposable
{
    /// <summary>The merged task file in a model's directory.</summary>
    public const string TaskFile = ModelCopy.TaskFile;

    const string ModelFolder = "model", Unfinished = ".tmp", Replaced = ".old";

    TaskModel(PretrainedNetwork network, ITokenizer tokenizer, TaskDefinition task, TaskModelSettings settings)
    {
        (Network, Tokenizer, Task, Settings) = (network, tokenizer, task, settings);
        network.UseKernels(get_num_threads());
        Objective = ITaskObjective.Of(network, task, new ClassLoss());
        Labels = task.Kind is TaskKind.Regression or TaskKind.QuestionAnswering ? [] : network.Config.Labels;
    }

    /// <summary>Encoder and head.</summary>
    public PretrainedNetwork Network { get; }

    /// <summary>Its vocabulary.</summary>
    public ITokenizer Tokenizer { get; }

    /// <summary>What it was trained for.</summary>
    public TaskDefinition Task { get; }

    /// <summary>What else predicting needs.</summary>
    public TaskModelSettings Settings { get; }

    /// <summary>Names of the classes or tags; empty for regression and question answering.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>Where it was read from; null of a model made in memory.</summary>
    public string? Location { get; private init; }

    internal ITaskObjective Objective { get; }

    /// <summary>A model made in memory.</summary>
    /// <param name="network">With a head that fits the task.</param>
    /// <param name="tokenizer">Its vocabulary.</param>
    /// <param name="task">What it is for.</param>
    /// <param name="settings">What else predicting needs.</param>
    public static TaskModel Of(PretrainedNetwork network, ITokenizer tokenizer, TaskDefinition task, TaskModelSettings settings) =>
        new(network, tokenizer, task, settings);

    /// <summary>True of the directory of one fine-tuning or of several.</summary>
    public static bool IsRun(string path) => File.Exists(Path.Combine(path, ModelFolder, TaskFile)) || FineTuningRun.ReadSummary(path) is not null;

    /// <summary>Where a model lies: the directory itself, that of a run, or that of the one of several runs that their summary names.</summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public static string Find(string path)
    {
        // A run's directory has a task file, too, but no model's configuration.
        if (File.Exists(Path.Combine(path, TaskFile)) && File.Exists(Path.Combine(path, HuggingFaceConfig.FileName))) return path;
        if (File.Exists(Path.Combine(path, ModelFolder, TaskFile))) return Path.Combine(path, ModelFolder);
        if (FineTuningRun.ReadSummary(path) is { } summary)
            return Find(Path.Combine(path, summary.BestUnit ?? throw new InvalidDataException($"{path} holds no model: none of its {summary.Units.Count} runs came to its end. {summary.Units[0].Failure}")));
        throw new InvalidDataException($"{path} holds no fine-tuned model: {TaskFile} is missing. `electra finetune` makes one.");
    }

    /// <summary>Reads a fine-tuned model.</summary>
    /// <param name="path">Its directory, or that of its run.</param>
    /// <param name="precision">Of all matrix products.</param>
    /// <exception cref="InvalidDataException">It is damaged, or no fine-tuned model.</exception>
    public static TaskModel Load(string path, Precision precision)
    {
        var directory = Find(path);
        var task = TaskDefinition.Load(Path.Combine(directory, TaskFile));
        var settings = ReadSettings(Path.Combine(directory, ModelCopy.TaskSettingsFile));
        var tokenizer = TokenizerDirectory.Load(directory);
        var network = ModelDirectory.Load(directory, precision: precision, device: ComputeDevice.InUse).Network;
        return new TaskModel(network, tokenizer, task, settings) { Location = directory };
    }

    /// <summary>Writes a model in place of what is there: whole or not at all.</summary>
    internal static void Save(string directory, PretrainedNetwork network, ITokenizer tokenizer, TaskDefinition task, TaskModelSettings settings, ModelCard card)
    {
        var (temporary, old) = (directory + Unfinished, directory + Replaced);
        foreach (var left in (string[])[temporary, old])
            if (Directory.Exists(left)) Directory.Delete(left, recursive: true);
        ModelDirectory.Save(temporary, new HuggingFaceConfig(network.Config), network.Parameters, tokenizer, card);
        AtomicFile.WriteText(Path.Combine(temporary, TaskFile), JsonSerializer.Serialize(task, TaskJson.Default.TaskDefinition) + "\n");
        AtomicFile.WriteText(Path.Combine(temporary, ModelCopy.TaskSettingsFile), JsonSerializer.Serialize(settings, FineTuningRunJson.Default.TaskModelSettings) + "\n");
        if (Directory.Exists(directory)) Directory.Move(directory, old);
        Directory.Move(temporary, directory);
        if (Directory.Exists(old)) Directory.Delete(old, recursive: true);
    }

    /// <summary>Releases the weights.</summary>
    public void Dispose() => Network.Dispose();

    static TaskModelSettings ReadSettings(string path)
    {
        if (!File.Exists(path)) throw new FileNotFoundException($"{path} is missing: the model's directory is not complete.");
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), FineTuningRunJson.Default.TaskModelSettings) ?? throw new InvalidDataException($"{path}: empty.");
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"{path}: {JsonFault.Of(exception)}.", exception);
        }
    }
}
