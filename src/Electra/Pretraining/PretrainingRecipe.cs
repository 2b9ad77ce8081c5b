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
/// <param name="Phases">Stretches with batches of their own, in their order; null for a run of one.</param>
public sealed record PretrainingRecipe(
    ModelConfig Model,
    ObjectiveConfig Objective,
    BatchConfig Batch,
    AdamWConfig Optimizer,
    LearningRateSchedule Schedule,
    RunConfig Run,
    PrecisionChoice Precision = PrecisionChoice.Auto,
    IReadOnlyList<PhaseConfig>? Phases = null)
{
    /// <summary>Shares are written with a few decimals.</summary>
    const double SmallestShareError = 1e-6;

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
        problems.AddRange(PhaseProblems());
        problems.AddRange(Misfits());
        if (problems.Count > 0) throw new InvalidDataException($"{name}: {string.Join("; ", problems)}.");
    }

    /// <summary>What a step spends on a row, with a vocabulary of <paramref name="vocabularySize"/> tokens.</summary>
    public TrainingCost Cost(int vocabularySize)
    {
        var encoder = Model.Encoder(vocabularySize, paddingId: 0);
        return Objective.Cost(encoder, Model.Generator is null ? null : Model.GeneratorEncoder(encoder));
    }

    /// <summary>Equal in every value, phase by phase.</summary>
    public bool Equals(PretrainingRecipe? other) => other is not null
        && (Model, Objective, Batch, Optimizer) == (other.Model, other.Objective, other.Batch, other.Optimizer)
        && (Schedule, Run, Precision) == (other.Schedule, other.Run, other.Precision) && (Phases ?? []).SequenceEqual(other.Phases ?? []);

    /// <summary>Equal recipes have equal ones.</summary>
    public override int GetHashCode() => HashCode.Combine(Model, Objective, Batch, Optimizer, Schedule, Run, Precision, Phases?.Count ?? 0);

    IEnumerable<string> PhaseProblems()
    {
        if (Batch.Length > Model.MaxPositionEmbeddings)
            yield return $"batch.length {Batch.Length} exceeds model.max_position_embeddings {Model.MaxPositionEmbeddings}";
        if (Phases is null) yield break;
        if (!(Math.Abs(Phases.Sum(phase => phase.Share) - 1) < SmallestShareError)) yield return $"the shares of phases add up to {Phases.Sum(phase => phase.Share)}, they must to 1";
        for (var i = 0; i < Phases.Count; i++)
        {
            var phase = Phases[i];
            if (!(phase.Share > 0)) yield return $"phases[{i}].share is {phase.Share}, it must be positive";
            var batch = Batch with { Size = phase.Size ?? Batch.Size, Length = phase.Length ?? Batch.Length, MicroBatch = phase.MicroBatch ?? Batch.MicroBatch };
            foreach (var problem in batch.Problems().Except(Batch.Problems())) yield return $"phases[{i}].{problem}";
            if (batch.Length > Model.MaxPositionEmbeddings)
                yield return $"phases[{i}].length {batch.Length} exceeds model.max_position_embeddings {Model.MaxPositionEmbeddings}";
        }
    }

    /// <summary>Sections that do not go together.</summary>
    IEnumerable<string> Misfits()
    {
        var isRoberta = Model.Family == EncoderFamily.Roberta;
        if (isRoberta && Batch.Cutting is CuttingRule.Segments or CuttingRule.SentencePairs)
            yield return $"model.family roberta has no token types: batch.cutting must be full_sentences or document_sentences";
        if (Objective is MaskedLanguageModellingConfig language)
        {
            if (Model.Generator is not null) yield return "model.generator has no place in masked language modelling: leave it out";
            if (language.NextSentence && Model.Family != EncoderFamily.Bert) yield return "objective.next_sentence needs model.family bert, which has a head for it";
            if (language.NextSentence && Batch.Cutting != CuttingRule.SentencePairs) yield return "objective.next_sentence needs batch.cutting sentence_pairs";
            yield break;
        }
        if (Model.Family != EncoderFamily.Electra) yield return "model.family must be electra for this objective";
        var isUniform = Objective is ReplacedTokenDetectionConfig { UniformGenerator: true };
        if (Model.Generator is null && !isUniform) yield return "model.generator is missing";
        if (Model.Generator is not null && isUniform) yield return "model.generator has no place with objective.uniform_generator: leave it out";
    }
}

/// <summary>What one step sees.</summary>
/// <param name="Size">Examples in one step.</param>
/// <param name="Length">Tokens of an example, [CLS] and [SEP] counted.</param>
/// <param name="MicroBatch">Examples that go through the networks at once; the rest of the step follows and gradients add up.</param>
/// <param name="Cutting">How documents become examples.</param>
/// <param name="RampFrom">Examples of the first step, from which the size grows evenly to the full one.</param>
/// <param name="RampShare">Share of the run that this takes; 0 for full batches from the beginning.</param>
public sealed record BatchConfig(
    int Size = 128, int Length = 128, int MicroBatch = 32, CuttingRule Cutting = CuttingRule.Segments, int RampFrom = 0, double RampShare = 0)
{
    const int LargestSize = 1 << 20;

    /// <summary>Every impossible value, one message each.</summary>
    public IEnumerable<string> Problems()
    {
        if (Size is < 1 or > LargestSize) yield return $"size is {Size}, it must lie in 1..{LargestSize:N0}";
        if (Length < 8) yield return $"length is {Length}, it must be at least 8";
        if (MicroBatch < 1) yield return $"micro_batch is {MicroBatch}, it must be at least 1";
        if (!(RampShare >= 0 && RampShare <= 1)) yield return $"ramp_share is {RampShare}, it must lie in [0, 1]";
        if (RampShare == 0 && RampFrom != 0) yield return $"ramp_from is {RampFrom}, it needs a ramp_share above 0";
        if (RampShare > 0 && (RampFrom < 1 || RampFrom > Size)) yield return $"ramp_from is {RampFrom}, it must lie in 1..size ({Size})";
    }
}

/// <summary>Length, seed and intervals of a run.</summary>
/// <param name="Steps">Steps of the whole run.</param>
/// <param name="Seed">Of every random number.</param>
/// <param name="SaveEvery">Steps between checkpoints.</param>
/// <param name="KeepCheckpoints">Newest checkpoints kept; 0 keeps all.</param>
/// <param name="LogEvery">Steps between log lines.</param>
/// <param name="EvaluateEvery">Steps between held-out evaluations; 0 evaluates at the end only.</param>
/// <param name="EvaluationTokens">Held-out tokens of one evaluation, at most; examples are cut at <c>batch.length</c>, whatever the phase.</param>
/// <param name="BudgetFlops">The run ends with the step that reaches so many floating point operations, and the schedule is stretched to that; 0 counts steps.</param>
/// <param name="BudgetMinutes">The same by minutes spent in steps; such a run cannot be repeated bit for bit.</param>
public sealed record RunConfig(
    long Steps = 1_000_000,
    ulong Seed = 1,
    long SaveEvery = 1000,
    int KeepCheckpoints = 5,
    long LogEvery = 100,
    long EvaluateEvery = 5000,
    long EvaluationTokens = 100_000,
    double BudgetFlops = 0,
    double BudgetMinutes = 0)
{
    /// <summary>True if something else than steps says when the run ends.</summary>
    [JsonIgnore]
    public bool HasBudget => BudgetFlops > 0 || BudgetMinutes > 0;

    /// <summary>Every impossible value, one message each.</summary>
    public IEnumerable<string> Problems()
    {
        if (Steps < 1) yield return $"steps is {Steps}, it must be at least 1";
        foreach (var (name, value) in new[] { ("save_every", SaveEvery), ("log_every", LogEvery), ("evaluation_tokens", EvaluationTokens) })
            if (value < 1) yield return $"{name} is {value}, it must be at least 1";
        if (EvaluateEvery < 0) yield return $"evaluate_every is {EvaluateEvery}, it must not be negative (0 evaluates at the end only)";
        foreach (var (name, value) in new[] { ("budget_flops", BudgetFlops), ("budget_minutes", BudgetMinutes) })
            if (!(value >= 0 && double.IsFinite(value))) yield return $"{name} is {value}, it must be finite and not negative (0 sets none)";
        if (BudgetFlops > 0 && BudgetMinutes > 0) yield return "budget_flops and budget_minutes exclude each other";
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
    Converters = [typeof(SnakeCaseEnumConverter<CuttingRule>), typeof(SnakeCaseEnumConverter<WarmupRule>), typeof(SnakeCaseEnumConverter<PrecisionChoice>), typeof(SnakeCaseEnumConverter<EncoderFamily>), typeof(SnakeCaseEnumConverter<GeneratorSharing>)])]
[JsonSerializable(typeof(PretrainingRecipe))]
public sealed partial class PretrainingJson : JsonSerializerContext;
