using Electra.Model;
using Electra.Numerics;
using Electra.Objectives;
using Electra.Randomness;
using Electra.Tokenization;
using static TorchSharp.torch;

namespace Electra.Tests.Objectives;

/// <summary>
/// The paper's ablations on networks that know only frequencies: all weights are 0 but biases, so that every figure can be counted by hand. Token t
/// of ten has probability (t + 1) / 55 for a vocabulary head, and a gate or a discriminator says yes with 3 / 4.
/// </summary>
[Collection("torch")]
public sealed class AblationTests
{
    const double Yes = 0.75;

    static readonly SpecialTokens Special = new(2, 3, 0, 4, 1);

    // 5 tokens each; hidden are 9 and 7. The draws take the 8th tenth and the last: 0.3 lies in token 5 (15/55 to 21/55), 0.95 in token 9.
    static readonly List<MaskedExample> Rows =
    [
        new([2, 9, 5, 6, 3], 5, [1], [4], [0.3]),
        new([2, 8, 5, 7, 3], 5, [3], [4], [0.95]),
    ];

    static double P(int token) => (token + 1) / 55.0;

    static EncoderConfig Config(int vocabularySize = 10, double dropout = 0) => new(
        VocabSize: vocabularySize, EmbeddingSize: 16, HiddenSize: 32, NumHiddenLayers: 1, NumAttentionHeads: 1, IntermediateSize: 32,
        HiddenDropoutProb: dropout, AttentionProbsDropoutProb: dropout, MaxPositionEmbeddings: 40);

    static EncoderConfig Small(EncoderConfig config) => config with { HiddenSize = 16, IntermediateSize = 16 };

    static ReplacedTokenDetection Detection(ReplacedTokenDetectionConfig config, bool usesKernels, bool hasGenerator = true)
    {
        var networks = new ElectraNetworks(Config(), hasGenerator ? Small(Config()) : null, Precision.Float32, CPU);
        if (usesKernels) Assert.True(networks.UseKernels(numWorkers: 2));
        SetBiases(networks.Parameters);
        return new ReplacedTokenDetection(networks, config, Special);
    }

    static ReplacedLanguageModelling Modelling(bool predictsAll, bool usesKernels)
    {
        var pair = new LanguageModelPair(Config(), Small(Config()), GeneratorSharing.Embeddings, predictsAll, Precision.Float32, CPU);
        if (usesKernels) Assert.True(pair.UseKernels(numWorkers: 2));
        SetBiases(pair.Parameters);
        return new ReplacedLanguageModelling(pair, new ReplacedLanguageModellingConfig(new(), PredictsAllTokens: predictsAll));
    }

    static void SetBiases(ParameterBuffer parameters)
    {
        using var noGradient = no_grad();
        foreach (var slot in parameters.Slots)
        {
            if (slot.Parameter.Name.EndsWith("generator_lm_head.bias", StringComparison.Ordinal)) slot.Parameter.Value.copy_(tensor([.. Enumerable.Range(1, 10).Select(i => MathF.Log(i))]));
            if (slot.Parameter.Name is "discriminator_predictions.dense_prediction.bias" or "copy_gate.bias") slot.Parameter.Value.fill_(Math.Log(3));
        }
    }

    static ObjectiveSums Accumulate(IPretrainingObjective objective, List<MaskedExample> rows, double progress = 1, int microBatch = 1)
    {
        var sums = new ObjectiveSums();
        objective.Parameters.ClearGradients();
        foreach (var places in Enumerable.Range(0, rows.Count).Chunk(microBatch))
            objective.Accumulate(MaskedBatch.Pad([.. places.Select(place => rows[place])], 0), StepTotals.Of(rows, progress), new Dropout(5, 7, places), sums);
        return sums;
    }

    static float[] Gradient(IPretrainingObjective objective, string name) =>
        TensorMemory.ToFloats(objective.Parameters.Slots.Single(slot => slot.Parameter.Name == name).Parameter.Value.grad!);

    [Theory]
    [InlineData(false), InlineData(true)]
    public void ELECTRA_takes_the_loss_of_all_tokens(bool usesKernels)
    {
        using var objective = Detection(new(new()), usesKernels);
        var sums = Accumulate(objective, Rows);

        // 5 for 9 and 9 for 7: two of ten tokens are replaced.
        Assert.Equal(-(2 * Math.Log(Yes) + 8 * Math.Log(1 - Yes)) / 10, sums.Mean("discriminator_loss"), 1e-5);
        Assert.Equal(50 * (Yes - 0.2), Gradient(objective, "discriminator_predictions.dense_prediction.bias")[0], 1e-4);
        Assert.Equal(1, sums.ToMetrics()["loss_token_share"]);
    }

    [Theory]
    [InlineData(false), InlineData(true)]
    public void ELECTRA_15_percent_takes_that_of_the_chosen_ones(bool usesKernels)
    {
        using var objective = Detection(new(new(), JudgesMaskedOnly: true), usesKernels);
        List<MaskedExample> rows = [Rows[0], Rows[1] with { Draws = [0.6] }]; // 0.6 lies in token 7 (28/55 to 36/55): a lucky guess
        var sums = Accumulate(objective, rows);

        Assert.Equal(-(Math.Log(Yes) + Math.Log(1 - Yes)) / 2, sums.Mean("discriminator_loss"), 1e-5);
        Assert.Equal(50 * (Yes - 0.5), Gradient(objective, "discriminator_predictions.dense_prediction.bias")[0], 1e-4);
        Assert.Equal(0.2, sums.ToMetrics()["loss_token_share"]);
        Assert.Equal(2, sums.Judgements.Count);
    }

    [Theory]
    [InlineData(false), InlineData(true)]
    public void A_uniform_generator_draws_every_token_of_the_vocabulary_alike(bool usesKernels)
    {
        using var objective = Detection(new(new(), UniformGenerator: true), usesKernels, hasGenerator: false);
        List<MaskedExample> rows = [Rows[0] with { Draws = [0.05] }, Rows[1] with { Draws = [0.75] }]; // tokens 0 and 7, which is the original
        var sums = Accumulate(objective, rows);

        Assert.Equal(-(Math.Log(Yes) + 9 * Math.Log(1 - Yes)) / 10, sums.Mean("discriminator_loss"), 1e-5);
        Assert.Equal(50 * sums.Mean("discriminator_loss"), sums.TotalLoss, 1e-4);
        Assert.Single(objective.Networks);
        Assert.DoesNotContain("generator_loss", sums.ToMetrics().Keys);
    }

    [Theory]
    [InlineData(false), InlineData(true)]
    public void Replace_MLM_guesses_the_originals_where_samples_stand(bool usesKernels)
    {
        using var objective = Modelling(predictsAll: false, usesKernels);
        var sums = Accumulate(objective, Rows);

        Assert.Equal(-(Math.Log(P(9)) + Math.Log(P(7))) / 2, sums.Mean("mlm_loss"), 1e-5);
        Assert.Equal(sums.Mean("mlm_loss"), sums.Mean("generator_loss"), 1e-5);
        Assert.Equal(0.5, sums.Mean("mlm_accuracy")); // it always says 9
        Assert.Equal(0.2, sums.ToMetrics()["loss_token_share"]);
        var gradient = Gradient(objective, "generator_lm_head.bias");
        Assert.Equal(P(9) - 0.5, gradient[9], 1e-5);
        Assert.Equal(P(2), gradient[2], 1e-5);
    }

    [Theory]
    [InlineData(false), InlineData(true)]
    public void All_tokens_MLM_copies_or_guesses_every_token(bool usesKernels)
    {
        using var objective = Modelling(predictsAll: true, usesKernels);
        var sums = Accumulate(objective, Rows);

        // Eight tokens stand there and may be copied; 9 and 7 were replaced and can only be guessed.
        int[] kept = [2, 5, 6, 3, 2, 8, 5, 3], replaced = [9, 7];
        var loss = kept.Sum(token => -Math.Log(Yes + (1 - Yes) * P(token))) + replaced.Sum(token => -Math.Log((1 - Yes) * P(token)));
        Assert.Equal(loss / 10, sums.Mean("mlm_loss"), 1e-5);
        Assert.Equal(1, sums.ToMetrics()["loss_token_share"]);
        Assert.Equal(0.5, sums.Mean("mlm_accuracy")); // of the chosen ones

        // d(loss) / d(gate) of a kept token is -(1 - p) d (1 - d) / (d + (1 - d) p), of a replaced one p d (1 - d) / ((1 - d) p) = d.
        var gate = kept.Sum(token => -(1 - P(token)) * Yes * (1 - Yes) / (Yes + (1 - Yes) * P(token))) + 2 * Yes;
        Assert.Equal(gate / 10, Gradient(objective, "copy_gate.bias")[0], 1e-5);
        // The softmax has its gradient by the share of the mixture that it explains.
        double Share(int token) => (1 - Yes) * P(token) / (Yes + (1 - Yes) * P(token));
        var ofTwo = kept.Sum(token => Share(token) * (P(2) - (token == 2 ? 1 : 0))) + 2 * P(2);
        Assert.Equal(ofTwo / 10, Gradient(objective, "generator_lm_head.bias")[2], 1e-5);
    }

    [Fact]
    public void The_discriminators_weight_rises_with_the_run()
    {
        using var objective = Detection(new(new(), DiscriminatorWarmup: 0.2), usesKernels: true);
        const string name = "discriminator_predictions.dense_prediction.bias";

        var quarter = Accumulate(objective, Rows, progress: 0.05);
        Assert.Equal(12.5 * (Yes - 0.2), Gradient(objective, name)[0], 1e-4);
        Assert.Equal(quarter.Mean("generator_loss") + 12.5 * quarter.Mean("discriminator_loss"), quarter.TotalLoss, 1e-5);
        Accumulate(objective, Rows, progress: 0.2);
        Assert.Equal(50 * (Yes - 0.2), Gradient(objective, name)[0], 1e-4);
    }

    [Fact]
    public void A_separate_rate_is_that_of_the_generators_own_weights()
    {
        using var objective = Detection(new(new(), GeneratorRateFactor: 0.5), usesKernels: false);
        var factors = objective.Parameters.Slots.Zip(objective.RateFactors!, (slot, factor) => (slot.Parameter.Name, Factor: factor)).ToList();

        Assert.All(factors, pair => Assert.Equal(pair.Name.StartsWith("generator.", StringComparison.Ordinal) ? 0.5 : 1, pair.Factor));
        Assert.Contains(factors, pair => pair is { Name: "electra.embeddings.word_embeddings.weight", Factor: 1 });
        Assert.Contains(factors, pair => pair is { Name: "generator.generator_lm_head.bias", Factor: 0.5 });
    }

    [Theory]
    [InlineData(GeneratorSharing.Embeddings, true, false), InlineData(GeneratorSharing.Nothing, false, false), InlineData(GeneratorSharing.Everything, true, true)]
    public void Sharing_is_of_the_very_weights(GeneratorSharing sharing, bool sharesTables, bool sharesLayers)
    {
        using var networks = Networks(sharing, dropout: 0, usesKernels: false);
        bool IsShared(string name) => networks.Discriminator.Parameters.Single(parameter => parameter.Name == name).Value.Handle
            == networks.Generator!.Parameters.Single(parameter => parameter.Name == name).Value.Handle;

        Assert.Equal(sharesTables, IsShared("electra.embeddings.word_embeddings.weight"));
        Assert.Equal(sharesTables, IsShared("electra.embeddings.LayerNorm.weight"));
        Assert.Equal(sharesLayers, IsShared("electra.encoder.layer.0.output.dense.weight"));
        Assert.Equal(sharesLayers, IsShared("electra.encoder.layer.0.attention.self.query.bias"));
    }

    [Theory]
    [InlineData(GeneratorSharing.Nothing, 0.1, false), InlineData(GeneratorSharing.Everything, 0.1, false), InlineData(GeneratorSharing.Embeddings, 0.1, true)]
    public void Kernels_and_plain_operations_give_the_same_losses_and_gradients(GeneratorSharing sharing, double dropout, bool judgesMaskedOnly)
    {
        var config = new ReplacedTokenDetectionConfig(new(), JudgesMaskedOnly: judgesMaskedOnly);
        using var plain = new ReplacedTokenDetection(Networks(sharing, dropout, usesKernels: false), config, Special);
        using var kernels = new ReplacedTokenDetection(Networks(sharing, dropout, usesKernels: true), config, Special);

        AssertSame(plain, kernels);
    }

    [Theory]
    [InlineData(GeneratorSharing.Embeddings, false), InlineData(GeneratorSharing.Embeddings, true)]
    [InlineData(GeneratorSharing.Everything, false), InlineData(GeneratorSharing.Everything, true)]
    public void Kernels_and_plain_operations_guess_replaced_tokens_alike(GeneratorSharing sharing, bool predictsAll)
    {
        ReplacedLanguageModelling Create(bool usesKernels)
        {
            var config = Config(300, 0.1);
            var pair = new LanguageModelPair(config, sharing == GeneratorSharing.Everything ? config : Small(config), sharing, predictsAll, Precision.Float32, CPU);
            pair.Parameters.Initialize(3, 0.05);
            if (usesKernels) Assert.True(pair.UseKernels(numWorkers: 2));
            return new ReplacedLanguageModelling(pair, new ReplacedLanguageModellingConfig(new(), PredictsAllTokens: predictsAll));
        }
        using var plain = Create(usesKernels: false);
        using var kernels = Create(usesKernels: true);

        AssertSame(plain, kernels);
    }

    static ElectraNetworks Networks(GeneratorSharing sharing, double dropout, bool usesKernels)
    {
        var config = Config(300, dropout);
        var generator = sharing switch
        {
            GeneratorSharing.Everything => config,
            GeneratorSharing.Nothing => Small(config) with { EmbeddingSize = 16 },
            _ => Small(config),
        };
        var networks = new ElectraNetworks(config, generator, Precision.Float32, CPU, sharing);
        networks.Parameters.Initialize(3, 0.05);
        if (usesKernels) Assert.True(networks.UseKernels(numWorkers: 2));
        return networks;
    }

    static void AssertSame(IPretrainingObjective plain, IPretrainingObjective kernels)
    {
        var masking = new TokenMasking(new(), Special, 300);
        List<MaskedExample> rows = [.. ((int[])[32, 20, 9, 31]).Select((length, row) =>
        {
            var ids = new[] { 2 }.Concat(Enumerable.Range(0, length - 2).Select(i => 5 + (row * 37 + i * 11) % 290)).Append(3).ToArray();
            var random = new CounterRandom(1, RandomPurpose.Masking, (ulong)row);
            var (positions, masked) = masking.Mask(ids, ref random);
            return new MaskedExample(ids, length / 2, positions, [.. positions.Select(position => masked[position])], [.. positions.Select(_ => random.NextDouble())]);
        })];

        var (plainSums, kernelSums) = (Accumulate(plain, rows, microBatch: 2), Accumulate(kernels, rows, microBatch: 2));

        Assert.True(kernels.KernelPrecision is not null && plain.KernelPrecision is null);
        Assert.Equal(plainSums.TotalLoss, kernelSums.TotalLoss, plainSums.TotalLoss * 1e-5);
        var (expected, actual) = (TensorMemory.ToFloats(plain.Parameters.Gradients), TensorMemory.ToFloats(kernels.Parameters.Gradients));
        var scale = expected.Max(Math.Abs);
        Assert.True(scale > 0);
        Assert.InRange(expected.Zip(actual, (a, b) => Math.Abs(a - b)).Max() / scale, 0, 1e-3);
    }
}
