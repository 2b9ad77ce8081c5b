using Electra.Checkpoints;
using Electra.FineTuning.Tasks;
using Electra.Model;
using Electra.Numerics;
using Electra.Pretraining;
using Electra.Tokenization;

namespace Electra.FineTuning;

/// <summary>The encoder that fine-tuning begins from, with its vocabulary.</summary>
public sealed class InitialEncoder
{
    readonly NetworkConfig _config;
    readonly string? _directory;

    /// <param name="directory">Of the weights; null begins with random ones.</param>
    InitialEncoder(NetworkConfig config, ITokenizer tokenizer, string? directory) => (_config, Tokenizer, _directory) = (config, tokenizer, directory);

    /// <summary>Its vocabulary.</summary>
    public ITokenizer Tokenizer { get; }

    /// <summary>Tokens of the longest input.</summary>
    public int MaxLength => _config.Encoder.MaxLength;

    /// <summary>Reads configuration and vocabulary; weights are read by <see cref="Build"/>.</summary>
    /// <param name="path">A Hugging Face directory, a pretraining run, whose discriminator is taken, or a fine-tuning, whose best run is.</param>
    /// <param name="hasRandomWeights">True takes sizes and vocabulary only: the baseline that shows what pretraining brings.</param>
    /// <exception cref="InvalidDataException">The directory holds no encoder.</exception>
    public static InitialEncoder Open(string path, bool hasRandomWeights = false)
    {
        if (TaskModel.IsRun(path)) path = TaskModel.Find(path);
        string[] places = [Path.Combine(path, "model", "discriminator"), Path.Combine(path, "discriminator"), Path.Combine(path, "model"), path];
        var directory = places.FirstOrDefault(place => File.Exists(Path.Combine(place, HuggingFaceConfig.FileName)))
            ?? throw new InvalidDataException($"{path} holds no model: {HuggingFaceConfig.FileName} is missing. --from takes a Hugging Face directory or a run.");
        var (config, tokenizer) = (ModelDirectory.ReadConfig(directory).Network, TokenizerDirectory.Load(directory));
        if (tokenizer.Vocabulary.Count > config.Encoder.VocabSize)
            throw new InvalidDataException($"{directory}: the tokenizer has {tokenizer.Vocabulary.Count:N0} tokens, the model {config.Encoder.VocabSize:N0}. Wrong vocab.txt?");
        return new InitialEncoder(config, tokenizer, hasRandomWeights ? null : directory);
    }

    /// <summary>An encoder of the given sizes with random weights.</summary>
    public static InitialEncoder Random(NetworkConfig config, ITokenizer tokenizer) => new(config, tokenizer, null);

    /// <summary>Puts a task's head on the encoder.</summary>
    /// <param name="sets">The task and its labels.</param>
    /// <param name="recipe">Head, dropout, precision and the seed of what begins fresh.</param>
    /// <param name="note">Told of everything that was not as expected.</param>
    /// <exception cref="InvalidDataException">The weights are damaged, or the recipe's rows are longer than the model takes.</exception>
    public PretrainedNetwork Build(TaskSets sets, FineTuningRecipe recipe, Action<string> note)
    {
        if (recipe.Batch.MaxLength > MaxLength)
            throw new InvalidDataException($"batch.max_length is {recipe.Batch.MaxLength}, the model takes at most {MaxLength} tokens. Lower it: --set batch.max_length={MaxLength}");
        var (precision, device) = (RunEnvironment.PrecisionOf(recipe.Precision), ComputeDevice.InUse);
        var architecture = Architecture.Of(_config.Architecture.Family, HeadOf(sets.Task.Kind, recipe.Head));
        var config = Adjust(_config with { Architecture = architecture });
        var otherHead = _directory is not null && _config.Architecture.Head == architecture.Head ? OtherHead(_directory, sets.Task, config.Labels) : null;
        if (_directory is null || otherHead is not null)
        {
            var network = new PretrainedNetwork(config, precision, device);
            network.Initialize(recipe.Run.Seed);
            if (_directory is null) return network;
            var encoder = network.Parameters.Where(parameter => parameter.Name.StartsWith($"{architecture.Prefix}.", StringComparison.Ordinal)).ToList();
            ModelDirectory.LoadInto(_directory, architecture, encoder);
            note($"{_directory} {otherHead}: the head begins fresh");
            return network;
        }
        var model = ModelDirectory.Load(_directory, architecture, precision, device, Adjust, recipe.Run.Seed);
        // The pretraining head is left out and the task's begins fresh, as it should be: that is no news.
        foreach (var text in model.Report.Notes) note($"{_directory}: {text}");
        return model.Network;

        NetworkConfig Adjust(NetworkConfig config) => config with
        {
            Labels = sets.Labels.Count > 0 ? sets.Labels : sets.Task.Kind == TaskKind.Regression ? ["score"] : NetworkConfig.DefaultLabels,
            ClassifierDropout = recipe.Head.Dropout ?? config.ClassifierDropout,
            ProblemType = sets.Task.Kind switch
            {
                TaskKind.Classification or TaskKind.PairClassification => ProblemType.SingleLabelClassification,
                TaskKind.Regression => ProblemType.Regression,
                TaskKind.MultiLabel => ProblemType.MultiLabelClassification,
                _ => null,
            },
            Encoder = recipe.Head.EncoderDropout is { } dropout
                ? config.Encoder with { HiddenDropoutProb = dropout, AttentionProbsDropoutProb = dropout }
                : config.Encoder,
        };
    }

    /// <summary>Why a head of the right kind is none of the task's, which makes it no better than none; null of the task's own.</summary>
    string? OtherHead(string directory, TaskDefinition task, IReadOnlyList<string> labels)
    {
        var path = Path.Combine(directory, TaskModel.TaskFile);
        if (!File.Exists(path)) return $"has no {TaskModel.TaskFile} that would say what its head is for";
        if (TaskDefinition.Load(path).Name is var name && name != task.Name) return $"was made for {name}, not for {task.Name}";
        return _config.Labels.SequenceEqual(labels) ? null : "was made for other labels";
    }

    static HeadKind HeadOf(TaskKind kind, TaskHeadConfig config)
    {
        var head = config.Kind;
        if (kind == TaskKind.QuestionAnswering && config.Dropout > 0)
            throw new InvalidDataException($"head.dropout is {config.Dropout}, but the heads of question answering drop nothing; set it to 0, or head.encoder_dropout for the encoder's.");
        if (head == TaskHead.Joint && kind != TaskKind.QuestionAnswering) throw new InvalidDataException("head.kind is joint, which only question answering has; use standard.");
        return kind switch
        {
            TaskKind.Tagging => HeadKind.TokenClassification,
            TaskKind.QuestionAnswering => head == TaskHead.Joint ? HeadKind.JointQuestionAnswering : HeadKind.QuestionAnswering,
            _ => HeadKind.SequenceClassification,
        };
    }
}
