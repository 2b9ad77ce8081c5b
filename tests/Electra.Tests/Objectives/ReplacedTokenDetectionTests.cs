using Electra.Model;
using Electra.Numerics;
using Electra.Objectives;
using Electra.Tokenization;
using static TorchSharp.torch;

namespace Electra.Tests.Objectives;

[Collection("torch")]
public sealed class ReplacedTokenDetectionTests
{
    const int VocabularySize = 500;

    static readonly SpecialTokens Special = new(2, 3, 0, 4, 1);
    static readonly TokenMasking Masking = new(new(), Special, VocabularySize);

    static EncoderConfig Config(double dropout = 0) => new(
        VocabSize: VocabularySize, EmbeddingSize: 32, HiddenSize: 64, NumHiddenLayers: 2, NumAttentionHeads: 2, IntermediateSize: 96,
        HiddenDropoutProb: dropout, AttentionProbsDropoutProb: dropout, MaxPositionEmbeddings: 40);

    static ElectraNetworks Networks(double dropout = 0, bool usesKernels = false)
    {
        var networks = new ElectraNetworks(Config(dropout), Config(dropout) with { HiddenSize = 32, NumAttentionHeads = 1, IntermediateSize = 64 }, Precision.Float32, CPU);
        networks.Parameters.Initialize(seed: 3, standardDeviation: 0.02);
        if (usesKernels) Assert.True(networks.UseKernels(numWorkers: 2));
        return networks;
    }

    static List<MaskedExample> Examples(params int[] lengths) => [.. lengths.Select((length, row) =>
    {
        var ids = new[] { 2 }.Concat(Enumerable.Range(0, length - 2).Select(i => 5 + (row * 37 + i * 11) % 490)).Append(3).ToArray();
        var random = new Electra.Randomness.CounterRandom(1, Electra.Randomness.RandomPurpose.Masking, (ulong)row);
        var (positions, masked) = Masking.Mask(ids, ref random);
        return new MaskedExample(ids, length / 2 + 1, positions, [.. positions.Select(position => masked[position])], [.. positions.Select(_ => random.NextDouble())]);
    })];

    static (ObjectiveSums Sums, float[] Gradients) Accumulate(ElectraNetworks networks, List<MaskedExample> rows, int microBatch)
    {
        var objective = new ReplacedTokenDetection(networks, new ReplacedTokenDetectionConfig(new()), Special);
        var sums = new ObjectiveSums();
        networks.Parameters.ClearGradients();
        foreach (var places in Enumerable.Range(0, rows.Count).Chunk(microBatch))
            objective.Accumulate(MaskedBatch.Pad([.. places.Select(place => rows[place])], 0), StepTotals.Of(rows), new Dropout(Seed: 5, Step: 7, places), sums);
        return (sums, TensorMemory.ToFloats(networks.Parameters.Gradients));
    }

    static void AssertClose(float[] expected, float[] actual, double relative)
    {
        var scale = expected.Max(Math.Abs);
        Assert.True(scale > 0);
        Assert.InRange(expected.Zip(actual, (a, b) => Math.Abs(a - b)).Max() / scale, 0, relative);
    }

    [Fact]
    public void An_untrained_model_starts_at_the_logarithm_of_the_vocabulary_and_fifty_times_that_of_two()
    {
        using var networks = Networks();
        var metrics = Accumulate(networks, Examples(32, 32, 32, 32), 4).Sums.ToMetrics();

        Assert.InRange(metrics["generator_loss"], Math.Log(VocabularySize) - 0.15, Math.Log(VocabularySize) + 0.15);
        Assert.InRange(metrics["loss"], Math.Log(VocabularySize) + 50 * Math.Log(2) - 1.5, Math.Log(VocabularySize) + 50 * Math.Log(2) + 1.5);
    }

    [Theory]
    [InlineData(false), InlineData(true)]
    public void Micro_batches_add_up_to_the_large_batch(bool usesKernels)
    {
        using var networks = Networks(dropout: 0.1, usesKernels);
        var rows = Examples(32, 20, 9, 31, 12, 32);

        var (whole, wholeGradients) = Accumulate(networks, rows, 6);
        var (parts, partGradients) = Accumulate(networks, rows, 2);

        Assert.Equal(whole.Mean("generator_loss"), parts.Mean("generator_loss"), whole.Mean("generator_loss") * 1e-5);
        Assert.Equal(whole.Mean("discriminator_loss"), parts.Mean("discriminator_loss"), whole.Mean("discriminator_loss") * 1e-5);
        AssertClose(wholeGradients, partGradients, 1e-4); // float32 sums in another order
    }

    [Theory]
    [InlineData(0.0), InlineData(0.1)]
    public void Kernels_and_plain_operations_give_the_same_losses_and_gradients(double dropout)
    {
        using var plain = Networks(dropout);
        using var kernels = Networks(dropout, usesKernels: true);
        var rows = Examples(32, 20, 9, 31);

        var (plainSums, plainGradients) = Accumulate(plain, rows, 4);
        var (kernelSums, kernelGradients) = Accumulate(kernels, rows, 4);

        Assert.Equal(plainSums.Mean("generator_loss"), kernelSums.Mean("generator_loss"), plainSums.Mean("generator_loss") * 1e-5);
        Assert.Equal(plainSums.Mean("discriminator_loss"), kernelSums.Mean("discriminator_loss"), plainSums.Mean("discriminator_loss") * 1e-5);
        AssertClose(plainGradients, kernelGradients, 1e-3);
    }

    [Theory]
    [InlineData(false), InlineData(true)]
    public void Padding_contributes_nothing(bool usesKernels)
    {
        using var networks = Networks(dropout: 0.1, usesKernels);
        var rows = Examples(10, 10, 10, 10);

        var (alone, gradients) = Accumulate(networks, rows, 4);
        // The same rows beside a long one are padded to its length; only the four are counted here.
        var beside = new ObjectiveSums();
        var objective = new ReplacedTokenDetection(networks, new ReplacedTokenDetectionConfig(new()), Special);
        networks.Parameters.ClearGradients();
        var padded = rows.Select(row => row).ToList();
        var wide = new MaskedBatch(Widen(MaskedBatch.Pad(padded, 0).Original), Widen(MaskedBatch.Pad(padded, 0).Masked),
            [.. padded.SelectMany((row, i) => row.Positions.Select(position => i * 30 + position))], [.. padded.SelectMany(row => row.Draws)]);
        objective.Accumulate(wide, StepTotals.Of(rows), new Dropout(5, 7, [0, 1, 2, 3]), beside);

        Assert.Equal(alone.Mean("generator_loss"), beside.Mean("generator_loss"), alone.Mean("generator_loss") * 1e-5);
        Assert.Equal(alone.Mean("discriminator_loss"), beside.Mean("discriminator_loss"), alone.Mean("discriminator_loss") * 1e-5);
        AssertClose(gradients, TensorMemory.ToFloats(networks.Parameters.Gradients), 1e-4);
    }

    [Fact]
    public void No_gradient_flows_from_the_discriminator_to_the_generator()
    {
        using var networks = Networks();
        var rows = Examples(20, 20);
        var batch = MaskedBatch.Pad(rows, 0);
        var objective = new ReplacedTokenDetection(networks, new ReplacedTokenDetectionConfig(new(), GeneratorWeight: 0), Special);
        networks.Parameters.ClearGradients();
        objective.Accumulate(batch, StepTotals.Of(rows), new Dropout(5, 7, [0, 1]), new ObjectiveSums());

        var own = networks.Generator!.Parameters.Where(parameter => !parameter.Name.StartsWith("electra.embeddings.", StringComparison.Ordinal));
        Assert.All(own, parameter => Assert.Equal(0, parameter.Value.grad!.abs().max().item<float>()));
    }

    static TokenBatch Widen(TokenBatch batch)
    {
        const int width = 30;
        var (ids, types) = (new int[batch.NumRows * width], new int[batch.NumRows * width]);
        for (var row = 0; row < batch.NumRows; row++)
        {
            batch.Ids.Slice(row * batch.MaxLength, batch.MaxLength).CopyTo(ids.AsSpan(row * width));
            batch.TokenTypes.Slice(row * batch.MaxLength, batch.MaxLength).CopyTo(types.AsSpan(row * width));
        }
        return new TokenBatch(ids, types, batch.Lengths.ToArray(), 0);
    }
}
