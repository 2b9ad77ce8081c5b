using Electra.Checkpoints;
using Electra.Model;
using Electra.Numerics;
using Electra.Objectives;
using Electra.Randomness;
using Electra.Tokenization;
using static TorchSharp.torch;

namespace Electra.Tests.Objectives;

[Collection("torch")]
public sealed class MaskedLanguageModellingTests
{
    const int VocabularySize = 300;

    static readonly SpecialTokens Special = new(2, 3, 0, 4, 1);
    static readonly TokenMaskingConfig Eighty = new(MaskTokenShare: 0.8, RandomTokenShare: 0.1);

    static PretrainedNetwork Network(HeadKind head, bool usesKernels, double dropout = 0, EncoderFamily family = EncoderFamily.Bert, int vocabularySize = VocabularySize)
    {
        var encoder = new EncoderConfig(
            family, vocabularySize, EmbeddingSize: 32, HiddenSize: 32, NumHiddenLayers: 2, NumAttentionHeads: 2, IntermediateSize: 64,
            HiddenDropoutProb: dropout, AttentionProbsDropoutProb: dropout, MaxPositionEmbeddings: 40);
        var network = new PretrainedNetwork(new NetworkConfig(Architecture.Of(family, head), encoder));
        if (usesKernels) Assert.True(network.UsePretrainingKernels(numWorkers: 2));
        else network.Flatten();
        return network;
    }

    static MaskedLanguageModelling Objective(PretrainedNetwork network) =>
        new(network, new MaskedLanguageModellingConfig(Eighty, network.Config.Architecture.Head == HeadKind.MaskedLanguageModelAndNextSentence));

    static List<MaskedExample> Pairs(params int[] lengths) => [.. lengths.Select((length, row) =>
    {
        var ids = new[] { 2 }.Concat(Enumerable.Range(0, length - 2).Select(i => 5 + (row * 37 + i * 11) % 290)).Append(3).ToArray();
        var random = new CounterRandom(1, RandomPurpose.Masking, (ulong)row);
        var (positions, masked) = new TokenMasking(Eighty, Special, VocabularySize).Mask(ids, ref random);
        return new MaskedExample(ids, length / 2, positions, [.. positions.Select(position => masked[position])], new double[positions.Length], IsNextSentence: row % 2 == 0);
    })];

    static (ObjectiveSums Sums, float[] Gradients) Accumulate(PretrainedNetwork network, List<MaskedExample> rows, int microBatch)
    {
        var objective = Objective(network);
        var sums = new ObjectiveSums();
        objective.Parameters.ClearGradients();
        foreach (var places in Enumerable.Range(0, rows.Count).Chunk(microBatch))
            objective.Accumulate(MaskedBatch.Pad([.. places.Select(place => rows[place])], 0), StepTotals.Of(rows), new Dropout(Seed: 5, Step: 7, places), sums);
        return (sums, TensorMemory.ToFloats(objective.Parameters.Gradients));
    }

    static void AssertClose(float[] expected, float[] actual, double relative)
    {
        var scale = expected.Max(Math.Abs);
        Assert.True(scale > 0);
        Assert.InRange(expected.Zip(actual, (a, b) => Math.Abs(a - b)).Max() / scale, 0, relative);
    }

    [Theory]
    [InlineData(false), InlineData(true)]
    public void Losses_and_gradients_of_a_network_that_knows_only_frequencies_are_those_counted_by_hand(bool usesKernels)
    {
        // All weights are 0 but the outputs' biases: token t has probability (t + 1) / 55, and "follows" has 3 / 4.
        using var network = Network(HeadKind.MaskedLanguageModelAndNextSentence, usesKernels, vocabularySize: 10);
        var parameters = network.Parameters.ToDictionary(parameter => parameter.Name, parameter => parameter.Value);
        using (no_grad())
        {
            parameters["cls.predictions.bias"].copy_(tensor([.. Enumerable.Range(1, 10).Select(i => MathF.Log(i))]));
            parameters["cls.seq_relationship.bias"].copy_(tensor([MathF.Log(3), 0]));
        }
        // Hidden: 9 and 4 in the first row, 7 in the second.
        List<MaskedExample> rows =
        [
            new([2, 9, 3, 4, 3], 3, [1, 3], [4, 4], [0, 0], IsNextSentence: true),
            new([2, 8, 3, 7, 3], 3, [3], [4], [0], IsNextSentence: false),
        ];
        var (sums, _) = Accumulate(network, rows, microBatch: 1);

        Assert.Equal(-(Math.Log(10.0 / 55) + Math.Log(5.0 / 55) + Math.Log(8.0 / 55)) / 3, sums.Mean("mlm_loss"), 1e-5);
        Assert.Equal(-(Math.Log(0.75) + Math.Log(0.25)) / 2, sums.Mean("nsp_loss"), 1e-5);
        Assert.Equal(sums.Mean("mlm_loss") + sums.Mean("nsp_loss"), sums.TotalLoss, 1e-9);
        Assert.Equal(1.0 / 3, sums.Mean("mlm_accuracy")); // it always says 9, the most frequent
        Assert.Equal(0.5, sums.Mean("nsp_accuracy"));
        Assert.Equal(0.3, sums.ToMetrics()["loss_token_share"], 1e-9); // 3 of 10

        var tokens = TensorMemory.ToFloats(parameters["cls.predictions.bias"].grad!);
        Assert.Equal(8.0 / 55 - 1.0 / 3, tokens[7], 1e-5); // probability less the share of hidden tokens
        Assert.Equal(1.0 / 55, tokens[0], 1e-5);
        Assert.Equal([0.25f, -0.25f], TensorMemory.ToFloats(parameters["cls.seq_relationship.bias"].grad!).Select(value => MathF.Round(value, 5)));
    }

    [Theory]
    [InlineData(0.0), InlineData(0.1)]
    public void Kernels_and_plain_operations_give_the_same_losses_and_gradients(double dropout)
    {
        using var plain = Network(HeadKind.MaskedLanguageModelAndNextSentence, usesKernels: false, dropout);
        using var kernels = Network(HeadKind.MaskedLanguageModelAndNextSentence, usesKernels: true, dropout);
        plain.Initialize(3);
        kernels.Initialize(3);
        var rows = Pairs(32, 20, 9, 31);

        var (plainSums, plainGradients) = Accumulate(plain, rows, 4);
        var (kernelSums, kernelGradients) = Accumulate(kernels, rows, 4);

        Assert.Equal(plainSums.Mean("mlm_loss"), kernelSums.Mean("mlm_loss"), 1e-4);
        Assert.Equal(plainSums.Mean("nsp_loss"), kernelSums.Mean("nsp_loss"), 1e-4);
        AssertClose(plainGradients, kernelGradients, 1e-3);
    }

    [Theory]
    [InlineData(false), InlineData(true)]
    public void Micro_batches_add_up_to_the_large_batch(bool usesKernels)
    {
        using var network = Network(HeadKind.MaskedLanguageModelAndNextSentence, usesKernels, dropout: 0.1);
        network.Initialize(3);
        var rows = Pairs(32, 20, 9, 31, 12, 32);

        var (whole, wholeGradients) = Accumulate(network, rows, 6);
        var (parts, partGradients) = Accumulate(network, rows, 2);

        Assert.Equal(whole.TotalLoss, parts.TotalLoss, 1e-4);
        AssertClose(wholeGradients, partGradients, 1e-4); // float32 sums in another order
    }

    [Theory]
    [InlineData("bert-pretraining", false), InlineData("bert-pretraining", true), InlineData("roberta-masked-lm", false), InlineData("roberta-masked-lm", true)]
    public void The_code_that_trains_has_the_references_loss_and_gradients(string name, bool usesKernels)
    {
        using var loaded = ModelDirectory.Load(ReferenceFiles.Get("models", name));
        var network = loaded.Network;
        if (usesKernels) Assert.True(network.UsePretrainingKernels(numWorkers: 2));
        using var file = SafetensorsFile.Open(ReferenceFiles.Get("models", name, "expected.safetensors"));
        var batch = ReadBatch(file, network.Config.Encoder.PadTokenId);
        var objective = Objective(network);
        objective.Parameters.ClearGradients();
        var sums = new ObjectiveSums();

        objective.Accumulate(batch, new StepTotals(4, 1, batch.Positions.Length), new Dropout(1, 0, [0, 1, 2, 3]), sums);

        Assert.Equal(Floats(file, "loss")[0], sums.TotalLoss, 1e-4);
        Assert.All(network.Parameters, parameter =>
        {
            var expected = Floats(file, $"grad.{parameter.Name}");
            var actual = TensorMemory.ToFloats(parameter.Value.grad!);
            var largest = Math.Max(expected.Max(Math.Abs), 1e-4f); // below this a gradient is rounding
            Assert.True(expected.Zip(actual, (a, b) => Math.Abs(a - b)).Max() / largest < 1e-3, parameter.Name);
        });
    }

    [Fact]
    public void Rows_that_are_no_pairs_are_refused_by_next_sentence_prediction()
    {
        using var network = Network(HeadKind.MaskedLanguageModelAndNextSentence, usesKernels: false);
        var rows = Pairs(10).Select(row => row with { IsNextSentence = null }).ToList();

        Assert.Throws<ArgumentException>(() => Accumulate(network, rows, 1));
    }

    static MaskedBatch ReadBatch(SafetensorsFile file, int paddingId)
    {
        var (masked, labels, mask) = (Integers(file, "input_ids"), Integers(file, "labels"), Integers(file, "attention_mask"));
        var types = file.Tensors.Any(tensor => tensor.Name == "token_type_ids") ? Integers(file, "token_type_ids") : new int[masked.Length];
        int[] lengths = [.. mask.Chunk(masked.Length / 4).Select(row => row.Sum())];
        var original = new TokenBatch([.. masked.Zip(labels, (id, label) => label >= 0 ? label : id)], types, lengths, paddingId);
        int[] positions = [.. Enumerable.Range(0, labels.Length).Where(i => labels[i] >= 0)];
        var pairs = file.Tensors.Any(tensor => tensor.Name == "next_sentence_label") ? Integers(file, "next_sentence_label").Select(label => label == 0) : [];
        return new MaskedBatch(original, original.WithIds(masked), positions, new double[positions.Length]) { IsNextSentence = [.. pairs] };
    }

    static float[] Floats(SafetensorsFile file, string name)
    {
        using var values = TensorTransfer.Read(file, file.Tensors.Single(tensor => tensor.Name == name));
        return TensorMemory.ToFloats(values);
    }

    static int[] Integers(SafetensorsFile file, string name) => [.. Floats(file, name).Select(value => (int)value)];
}
