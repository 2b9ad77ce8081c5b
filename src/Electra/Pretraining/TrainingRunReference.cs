using System.Text.Json;
using System.Text.Json.Serialization;
using Electra.Checkpoints;
using Electra.Files;
using Electra.Model;
using Electra.Numerics;
using Electra.Objectives;
using Electra.Tokenization;
using Electra.Training;
using static TorchSharp.torch;

namespace Electra.Pretraining;

/// <summary>
/// Repeats a recorded joint training run with the masks and samples of the record, through the code that trains, and compares losses,
/// gradient norms and final weights. The directory holds <c>initial/</c>, <c>final/</c>, <c>batches.safetensors</c> and <c>expected.json</c>.
/// </summary>
public static class TrainingRunReference
{
    /// <summary>No token is structural here: the record says itself what was masked.</summary>
    static readonly SpecialTokens NoSpecialTokens = new(-1, -1, -1, -1, -1);

    /// <summary>Repeats the run.</summary>
    /// <param name="directory">The record.</param>
    /// <param name="usesKernels">True runs the encoders by the explicit kernels, false by plain torch operations.</param>
    /// <param name="tolerance">Of losses and gradient norms (relative) and of weights (absolute).</param>
    /// <returns>Losses, norms and learning rates of every step, by their relative error; final weights, by their absolute one.</returns>
    /// <exception cref="InvalidDataException">The record is incomplete or damaged, or the kernels do not serve its sizes.</exception>
    public static IReadOnlyList<ReferenceComparison.Row> Compare(string directory, bool usesKernels, double tolerance = 1e-4)
    {
        foreach (var part in (string[])["expected.json", "batches.safetensors", "initial/discriminator", "initial/generator", "final/discriminator", "final/generator"])
            if (!Path.Exists(Path.Combine(directory, part)))
                throw new InvalidDataException($"{directory} is no record of a joint training run: {part} is missing. Such records are of replaced token detection; `electra verify --recipe RECIPE` compares the kernels of every objective with autograd, and RUN/recipe.json is the recipe of a run.");
        var expected = ReadExpected(Path.Combine(directory, "expected.json"));
        using var networks = Build(Path.Combine(directory, "initial"));
        if (usesKernels && !networks.UseKernels(Environment.ProcessorCount)) throw new InvalidDataException($"{directory}: the kernels do not serve these sizes.");
        using var batches = SafetensorsFile.Open(Path.Combine(directory, "batches.safetensors"));
        var masking = new TokenMaskingConfig();
        var objective = new ReplacedTokenDetection(networks, new ReplacedTokenDetectionConfig(masking, expected.GeneratorWeight, expected.DiscriminatorWeight), NoSpecialTokens);
        using var optimizer = new AdamW(
            new AdamWConfig(expected.Optimizer.Beta1, expected.Optimizer.Beta2, expected.Optimizer.Epsilon, expected.Optimizer.WeightDecay,
                CorrectsBias: false, expected.Optimizer.MaxGradientNorm), networks.Parameters);
        var schedule = new LearningRateSchedule(expected.Schedule.Peak, expected.Schedule.WarmupSteps);

        var rows = new List<ReferenceComparison.Row>();
        foreach (var step in expected.Steps)
        {
            var batch = ReadBatch(batches, $"step{step.Step}.", networks.Discriminator.Encoder.Config.PadTokenId);
            var sums = new ObjectiveSums();
            objective.Accumulate(batch, new StepTotals(batch.Original.NumRows, batch.Original.NumTokens, batch.Positions.Length), new Dropout(0, step.Step, [.. Enumerable.Range(0, batch.Original.NumRows)]), sums);
            var gradientNorm = optimizer.GradientNorm();
            var learningRate = schedule.At(step.Step, expected.Schedule.TotalSteps);
            optimizer.Step(learningRate, gradientNorm, step.Step + 1);

            Add($"step {step.Step} generator loss", sums.Mean("generator_loss"), step.MlmLoss);
            Add($"step {step.Step} discriminator loss", sums.Mean("discriminator_loss"), step.RtdLoss);
            Add($"step {step.Step} gradient norm", gradientNorm, step.GradientNorm);
            Add($"step {step.Step} learning rate", learningRate, step.LearningRate);
        }
        using var scope = NewDisposeScope();
        using var final = Build(Path.Combine(directory, "final"));
        foreach (var (actual, reference) in networks.Parameters.Slots.Zip(final.Parameters.Slots))
        {
            var difference = (actual.Parameter.Value.detach() - reference.Parameter.Value.detach()).abs().max();
            rows.Add(new ReferenceComparison.Row($"final {actual.Parameter.Name}", difference.item<float>(), tolerance));
        }
        return rows;

        void Add(string name, double actual, double reference) =>
            rows.Add(new ReferenceComparison.Row(name, reference == 0 ? Math.Abs(actual) : Math.Abs(actual - reference) / Math.Abs(reference), tolerance));
    }

    static ElectraNetworks Build(string directory)
    {
        var (discriminator, generator) = (Path.Combine(directory, "discriminator"), Path.Combine(directory, "generator"));
        var networks = new ElectraNetworks(
            ModelDirectory.ReadConfig(discriminator).Network.Encoder, ModelDirectory.ReadConfig(generator).Network.Encoder, Precision.Float32, ComputeDevice.InUse);
        using var noGradient = no_grad();
        ModelDirectory.LoadInto(generator, Architecture.Named("ElectraForMaskedLM"), networks.Generator!.Parameters); // built with one
        ModelDirectory.LoadInto(discriminator, Architecture.Named("ElectraForPreTraining"), networks.Discriminator.Parameters);
        return networks;
    }

    static MaskedBatch ReadBatch(SafetensorsFile file, string prefix, int paddingId)
    {
        var (original, width) = Read("input_ids");
        var rows = original.Length / width;
        var (mask, types) = (Read("attention_mask").Values, Read("token_type_ids").Values);
        var lengths = new int[rows];
        for (var i = 0; i < mask.Length; i++) lengths[i / width] += mask[i];
        var (masked, sampled) = (Read("generator_input_ids").Values, Read("sampled_ids").Values);
        var (positions, perRow) = Read("masked_positions");
        // The batch wants positions rising, each with its sample.
        var chosen = positions.Select((position, i) => (Place: i / perRow * width + position, Sample: sampled[i])).OrderBy(pair => pair.Place).ToList();
        return new MaskedBatch(
            new TokenBatch(original, types, lengths, paddingId), new TokenBatch(masked, types, lengths, paddingId),
            [.. chosen.Select(pair => pair.Place)], new double[chosen.Count])
        {
            Replacements = [.. chosen.Select(pair => pair.Sample)],
        };

        (int[] Values, int Width) Read(string name)
        {
            var stored = file.Tensors.FirstOrDefault(tensor => tensor.Name == prefix + name)
                ?? throw new InvalidDataException($"{file.Path}: tensor {prefix}{name} is missing.");
            using var scope = NewDisposeScope();
            var tensor = TensorTransfer.Read(file, stored);
            var wide = tensor.to(ScalarType.Int64).contiguous();
            return ([.. TensorMemory.Span<long>(wide).ToArray().Select(value => (int)value)], (int)stored.Shape[^1]);
        }
    }

    static ExpectedRun ReadExpected(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), ReferenceJson.Default.ExpectedRun) ?? throw new InvalidDataException($"{path}: empty.");
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"{path}: {JsonFault.Of(exception)}.", exception);
        }
    }
}

sealed record ExpectedRun(ExpectedOptimizer Optimizer, ExpectedSchedule Schedule, double DiscriminatorWeight, double GeneratorWeight, IReadOnlyList<ExpectedStep> Steps);

sealed record ExpectedOptimizer(double Beta1, double Beta2, double Epsilon, double WeightDecay, double MaxGradientNorm);

sealed record ExpectedSchedule(double Peak, long WarmupSteps, long TotalSteps);

sealed record ExpectedStep(long Step, double LearningRate, double MlmLoss, double RtdLoss, double GradientNorm);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ExpectedRun))]
sealed partial class ReferenceJson : JsonSerializerContext;
