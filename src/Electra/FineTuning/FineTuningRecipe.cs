using System.Text.Json.Serialization;
using Electra.Pretraining;
using Electra.Training;

namespace Electra.FineTuning;

/// <summary>How a pretrained encoder is fine-tuned on a task, never where: data, model and outputs are arguments.</summary>
/// <param name="Task">Name of a built-in task (tasks/*.json) or the path of a task file.</param>
/// <param name="Batch">What one step sees.</param>
/// <param name="Optimizer">How weights follow gradients.</param>
/// <param name="Schedule">The learning rate.</param>
/// <param name="LayerwiseDecay">How the rate falls from the head to the embeddings.</param>
/// <param name="Head">What stands on the encoder, and its loss.</param>
/// <param name="Run">Length, seed and intervals.</param>
/// <param name="Precision">auto, float32 or bfloat16.</param>
/// <param name="TaskSet">Changes of the task file, each <c>key=value</c>, such as <c>columns.label=3</c>.</param>
public sealed record FineTuningRecipe(
    string Task,
    FineTuningBatchConfig Batch,
    AdamWConfig Optimizer,
    FineTuningSchedule Schedule,
    LayerwiseDecay LayerwiseDecay,
    TaskHeadConfig Head,
    FineTuningRunConfig Run,
    PrecisionChoice Precision = PrecisionChoice.Auto,
    IReadOnlyList<string>? TaskSet = null)
{
    /// <summary>Refuses impossible values, all of them in one message.</summary>
    /// <param name="name">The recipe's name, for the message.</param>
    /// <exception cref="InvalidDataException">Something cannot be.</exception>
    public void Check(string name)
    {
        var problems = new List<string>();
        if (Task.Length == 0) problems.Add("task is empty");
        problems.AddRange(Batch.Problems().Select(problem => $"batch.{problem}"));
        problems.AddRange(Optimizer.Problems().Select(problem => $"optimizer.{problem}"));
        problems.AddRange(Schedule.Problems().Select(problem => $"schedule.{problem}"));
        problems.AddRange(LayerwiseDecay.Problems().Select(problem => $"layerwise_decay.{problem}"));
        problems.AddRange(Head.Problems().Select(problem => $"head.{problem}"));
        problems.AddRange(Run.Problems().Select(problem => $"run.{problem}"));
        if (problems.Count > 0) throw new InvalidDataException($"{name}: {string.Join("; ", problems)}.");
    }
}

/// <summary>What one step sees.</summary>
/// <param name="Size">Examples in one step; several make a grid.</param>
/// <param name="MaxLength">Tokens of a row, [CLS] and [SEP] counted.</param>
/// <param name="MicroBatch">Rows that go through the network at once; the rest of the step follows and gradients add up.</param>
public sealed record FineTuningBatchConfig(
    [property: JsonConverter(typeof(OneOrMany<int>))] IReadOnlyList<int> Size,
    int MaxLength = 128,
    int MicroBatch = 32)
{
    /// <summary>Every impossible value, one message each.</summary>
    public IEnumerable<string> Problems()
    {
        if (Size.Count == 0) yield return "size is empty, it must hold at least one number";
        foreach (var size in Size.Where(size => size is < 1 or > 65_536)) yield return $"size is {size}, it must lie in 1..65,536";
        if (MaxLength < 8) yield return $"max_length is {MaxLength}, it must be at least 8";
        if (MicroBatch < 1) yield return $"micro_batch is {MicroBatch}, it must be at least 1";
    }
}

/// <summary>The learning rate: linear warm-up over a share of the steps, then polynomial decay to zero.</summary>
/// <param name="Peak">The highest rate; several make a grid.</param>
/// <param name="WarmupShare">Share of all steps that the ramp takes.</param>
/// <param name="DecayPower">1 is linear.</param>
/// <param name="Warmup">How warm-up and decay meet.</param>
public sealed record FineTuningSchedule(
    [property: JsonConverter(typeof(OneOrMany<double>))] IReadOnlyList<double> Peak,
    double WarmupShare = 0.1,
    double DecayPower = 1,
    WarmupRule Warmup = WarmupRule.Multiplied)
{
    /// <summary>The schedule of a run with one rate.</summary>
    public LearningRateSchedule Of(long steps) => new(Peak[0], (long)Math.Round(WarmupShare * steps), DecayPower, Warmup);

    /// <summary>Every impossible value, one message each.</summary>
    public IEnumerable<string> Problems()
    {
        if (Peak.Count == 0) yield return "peak is empty, it must hold at least one rate";
        foreach (var peak in Peak.Where(peak => !(peak > 0 && double.IsFinite(peak)))) yield return $"peak is {peak}, it must be positive";
        if (!(WarmupShare is >= 0 and <= 1)) yield return $"warmup_share is {WarmupShare}, it must lie in [0, 1]";
        if (!(DecayPower >= 0 && double.IsFinite(DecayPower))) yield return $"decay_power is {DecayPower}, it must not be negative";
    }
}

/// <summary>Which head stands on the encoder.</summary>
public enum TaskHead
{
    /// <summary>The one that Hugging Face loads: sequence, token or span classification.</summary>
    Standard,
    /// <summary>Question answering as the paper's code has it: the end given the start, and a classifier for having no answer.</summary>
    Joint,
}

/// <summary>What stands on the encoder, and its loss.</summary>
/// <param name="Kind">Which head.</param>
/// <param name="Dropout">Share of activations the head drops in training; null takes the encoder's own. Heads of question answering drop nothing.</param>
/// <param name="EncoderDropout">Share of activations and attention dropped in the encoder; null keeps the model's.</param>
/// <param name="LabelSmoothing">Share of a label's weight that goes to all classes alike; 0 where a task has no classes.</param>
/// <param name="ClassWeights">What an example of a class counts, in multi-label one that has the label, by its name; those left out count 1.</param>
/// <param name="BalancesClasses">True weights each class by the inverse of its share of the training set, in multi-label having each label as not having it.</param>
public sealed record TaskHeadConfig(
    TaskHead Kind = TaskHead.Standard,
    double? Dropout = null,
    double? EncoderDropout = null,
    double LabelSmoothing = 0,
    IReadOnlyDictionary<string, double>? ClassWeights = null,
    bool BalancesClasses = false)
{
    /// <summary>Every impossible value, one message each.</summary>
    public IEnumerable<string> Problems()
    {
        foreach (var (name, value) in new[] { ("dropout", Dropout ?? 0), ("encoder_dropout", EncoderDropout ?? 0), ("label_smoothing", LabelSmoothing) })
            if (!(value >= 0 && value < 1)) yield return $"{name} is {value}, it must lie in [0, 1)";
        foreach (var (label, weight) in ClassWeights ?? new Dictionary<string, double>())
            if (!(weight > 0 && double.IsFinite(weight))) yield return $"class_weights.{label} is {weight}, it must be positive";
        if (BalancesClasses && ClassWeights is not null) yield return "balances_classes and class_weights exclude each other";
    }
}

/// <summary>Length, seed and intervals of a run.</summary>
/// <param name="Epochs">Passes over the training set; fractions are taken to the nearest step.</param>
/// <param name="Steps">Steps instead of epochs; 0 goes by epochs.</param>
/// <param name="Seed">Of every random number; several runs take this and the following ones.</param>
/// <param name="EvaluateEvery">Steps between evaluations on the dev set; 0 evaluates at the end of each epoch.</param>
/// <param name="Patience">Evaluations without a gain after which the run stops; 0 never stops early.</param>
/// <param name="KeepsBest">True keeps the weights of the best evaluation, and of several runs the best is meant; false those of the last step and the median run.</param>
/// <param name="SaveEvery">Steps between checkpoints.</param>
/// <param name="LogEvery">Steps between log lines.</param>
public sealed record FineTuningRunConfig(
    double Epochs = 3,
    long Steps = 0,
    ulong Seed = 1,
    long EvaluateEvery = 0,
    int Patience = 0,
    bool KeepsBest = true,
    long SaveEvery = 500,
    long LogEvery = 10)
{
    /// <summary>Every impossible value, one message each.</summary>
    public IEnumerable<string> Problems()
    {
        if (!(Epochs > 0 && double.IsFinite(Epochs))) yield return $"epochs is {Epochs}, it must be positive";
        if (Steps < 0) yield return $"steps is {Steps}, it must not be negative (0 goes by epochs)";
        if (EvaluateEvery < 0) yield return $"evaluate_every is {EvaluateEvery}, it must not be negative (0 evaluates at the end of each epoch)";
        if (Patience < 0) yield return $"patience is {Patience}, it must not be negative (0 never stops early)";
        foreach (var (name, value) in new[] { ("save_every", SaveEvery), ("log_every", LogEvery) })
            if (value < 1) yield return $"{name} is {value}, it must be at least 1";
    }
}

/// <summary>The recipe's JSON: strict, snake case, comments allowed by <see cref="RecipeFile"/>.</summary>
[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Strict,
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true,
    Converters = [typeof(SnakeCaseEnumConverter<WarmupRule>), typeof(SnakeCaseEnumConverter<PrecisionChoice>), typeof(SnakeCaseEnumConverter<TaskHead>)])]
[JsonSerializable(typeof(FineTuningRecipe))]
public sealed partial class FineTuningJson : JsonSerializerContext;
