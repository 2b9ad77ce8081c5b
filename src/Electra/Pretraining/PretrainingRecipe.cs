using System.Text.Json.Serialization;
using Electra.Corpus;
using Electra.Model;
using Electra.Objectives;
using Electra.Training;

namespace Electra.Pretraining;

/// <summary>How a pretraining run goes, never where: data and outputs are arguments.</summary>
/// <param name="Model">Sizes of the networks.</param>
/// <param name="Objective">What is learnt.</param>
/// <param name="Batch">What one step sees.</param>
/// <param name="Optimizer">How weights follow gradients.</param>
/// <param name="Schedule">The learning rate.</param>
/// <param name="Run">Length, seed and intervals.</param>
/// <param name="Precision">auto, float32 or bfloat16.</param>
public sealed record PretrainingRecipe(
    ModelConfig Model,
    ObjectiveConfig Objective,
    BatchConfig Batch,
    AdamWConfig Optimizer,
    LearningRateSchedule Schedule,
    RunConfig Run,
    PrecisionChoice Precision = PrecisionChoice.Auto)
{
    /// <summary>Refuses impossible values, all of them in one message.</summary>
    /// <param name="name">The recipe's name, for the message.</param>
    /// <exception cref="InvalidDataException">Something cannot be.</exception>
    public void Check(string name)
    {
        var problems = new List<string>();
        problems.AddRange(Model.Problems().Select(problem => $"model.{problem}"));
        problems.AddRange(Objective.Problems().Select(problem => $"objective.{problem}"));
        problems.AddRange(Batch.Problems().Select(problem => $"batch.{problem}"));
        problems.AddRange(Optimizer.Problems().Select(problem => $"optimizer.{problem}"));
        problems.AddRange(Schedule.Problems().Select(problem => $"schedule.{problem}"));
        problems.AddRange(Run.Problems().Select(problem => $"run.{problem}"));
        if (Batch.Length > Model.MaxPositionEmbeddings)
            problems.Add($"batch.length {Batch.Length} exceeds model.max_position_embeddings {Model.MaxPositionEmbeddings}");
        if (Objective is ReplacedTokenDetectionConfig && Model.Generator is null) problems.Add("model.generator is missing: replaced token detection needs one");
        if (problems.Count > 0) throw new InvalidDataException($"{name}: {string.Join("; ", problems)}.");
    }
}

/// <summary>What one step sees.</summary>
/// <param name="Size">Examples in one step.</param>
/// <param name="Length">Tokens of an example, [CLS] and [SEP] counted.</param>
/// <param name="MicroBatch">Examples that go through the networks at once; the rest of the step follows and gradients add up.</param>
/// <param name="Cutting">How documents become examples.</param>
public sealed record BatchConfig(int Size = 128, int Length = 128, int MicroBatch = 32, CuttingRule Cutting = CuttingRule.Segments)
{
    const int LargestSize = 1 << 20;

    /// <summary>Every impossible value, one message each.</summary>
    public IEnumerable<string> Problems()
    {
        if (Size is < 1 or > LargestSize) yield return $"size is {Size}, it must lie in 1..{LargestSize:N0}";
        if (Length < 8) yield return $"length is {Length}, it must be at least 8";
        if (MicroBatch < 1) yield return $"micro_batch is {MicroBatch}, it must be at least 1";
    }
}

/// <summary>Length, seed and intervals of a run.</summary>
/// <param name="Steps">Steps of the whole run.</param>
/// <param name="Seed">Of every random number.</param>
/// <param name="SaveEvery">Steps between checkpoints.</param>
/// <param name="KeepCheckpoints">Newest checkpoints kept; 0 keeps all.</param>
/// <param name="LogEvery">Steps between log lines.</param>
/// <param name="EvaluateEvery">Steps between held-out evaluations; 0 evaluates at the end only.</param>
/// <param name="EvaluationTokens">Held-out tokens of one evaluation, at most.</param>
public sealed record RunConfig(
    long Steps = 1_000_000,
    ulong Seed = 1,
    long SaveEvery = 1000,
    int KeepCheckpoints = 5,
    long LogEvery = 100,
    long EvaluateEvery = 5000,
    long EvaluationTokens = 100_000)
{
    /// <summary>Every impossible value, one message each.</summary>
    public IEnumerable<string> Problems()
    {
        if (Steps < 1) yield return $"steps is {Steps}, it must be at least 1";
        foreach (var (name, value) in new[] { ("save_every", SaveEvery), ("log_every", LogEvery), ("evaluation_tokens", EvaluationTokens) })
            if (value < 1) yield return $"{name} is {value}, it must be at least 1";
        if (EvaluateEvery < 0) yield return $"evaluate_every is {EvaluateEvery}, it must not be negative (0 evaluates at the end only)";
        if (KeepCheckpoints < 0) yield return $"keep_checkpoints is {KeepCheckpoints}, it must not be negative (0 keeps all)";
    }
}

/// <summary>The format of matrix products.</summary>
public enum PrecisionChoice
{
    /// <summary>bfloat16 where the processor multiplies it, else float32.</summary>
    Auto,
    /// <summary>Always float32.</summary>
    Float32,
    /// <summary>Always bfloat16.</summary>
    [JsonStringEnumMemberName("bfloat16")]
    BFloat16,
}

/// <summary>The recipe's JSON: strict, snake case, comments allowed by <see cref="RecipeFile"/>.</summary>
[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Strict,
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true,
    Converters = [typeof(SnakeCaseEnumConverter<CuttingRule>), typeof(SnakeCaseEnumConverter<WarmupRule>), typeof(SnakeCaseEnumConverter<PrecisionChoice>), typeof(SnakeCaseEnumConverter<EncoderFamily>)])]
[JsonSerializable(typeof(PretrainingRecipe))]
public sealed partial class PretrainingJson : JsonSerializerContext;
