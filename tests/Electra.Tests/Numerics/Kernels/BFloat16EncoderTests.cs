using Electra.Numerics;
using Electra.Numerics.Kernels;

namespace Electra.Tests.Numerics.Kernels;

/// <summary>The encoder in bfloat16 beside the encoder in float32.</summary>
public sealed unsafe class BFloat16EncoderTests
{
    // Vocabulary, positions, types, embedding, hidden, layers, heads, intermediate.
    static readonly EncoderShape Heads8 = new(50, 160, 2, 32, 32, 2, 4, 64);
    static readonly EncoderShape Heads24 = new(50, 160, 2, 32, 96, 2, 4, 64);
    static readonly EncoderShape Heads16 = new(50, 300, 1, 32, 64, 3, 4, 128);
    static readonly EncoderShape Heads64 = new(50, 160, 2, 64, 128, 2, 2, 224);
    static readonly EncoderShape Heads80 = new(50, 160, 3, 160, 160, 2, 2, 320);

    public static TheoryData<EncoderShape, int[], int, bool> Cases() => new()
    {
        { Heads8, [17, 1, 129, 7], 2, true },
        { Heads16, [290, 64, 33], 2, true },
        { Heads64, [129, 128, 7, 1, 17], 1, false },
        { Heads64, [128, 128, 128], 2, true },
        { Heads80, [17, 129, 7], 2, true },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Hidden_states_and_gradients_come_close_to_those_in_float32(EncoderShape shape, int[] lengths, int workers, bool drops)
    {
        Assert.SkipUnless(BFloat16Product.IsAvailable, "This processor does not multiply bfloat16.");
        var oracle = new TorchEncoder(shape);
        var (rows, parameters) = (ParallelEncoderTests.RandomRows(shape, lengths), oracle.RandomParameters(1));
        var hiddenGradient = Numbers.Random(lengths.Sum() * shape.HiddenSize, 6);
        EncoderDropout dropout = drops ? new(0.1, 0.2, Seed: 7, Step: 3, Encoder: 1) : default;

        var expected = ParallelEncoderTests.Run(shape, oracle.Offsets, parameters, rows, hiddenGradient, dropout, workers);
        var actual = ParallelEncoderTests.Run(shape, oracle.Offsets, parameters, rows, hiddenGradient, dropout, workers, precision: Precision.BFloat16);

        // bfloat16 has eight digits, and a layer rounds about ten times.
        Numbers.AssertClose(expected.Hidden, actual.Hidden, 2e-2f * expected.Hidden.Max(MathF.Abs));
        Numbers.AssertClose(expected.Gradients, actual.Gradients, 2e-2f * expected.Gradients.Max(MathF.Abs));
        foreach (var (name, start, count) in oracle.Parameters)
            Numbers.AssertSameDirection(expected.Gradients.AsSpan(start, count), actual.Gradients.AsSpan(start, count), 0.999, name);
    }

    [Fact]
    public void Equal_input_gives_equal_bits()
    {
        Assert.SkipUnless(BFloat16Product.IsAvailable, "This processor does not multiply bfloat16.");
        var oracle = new TorchEncoder(Heads16);
        int[] lengths = [17, 40, 130, 64, 9];
        var (rows, parameters) = (ParallelEncoderTests.RandomRows(Heads16, lengths), oracle.RandomParameters(1));
        var hiddenGradient = Numbers.Random(lengths.Sum() * Heads16.HiddenSize, 6);
        EncoderDropout dropout = new(0.1, 0.2, Seed: 7, Step: 3, Encoder: 1);

        var first = ParallelEncoderTests.Run(Heads16, oracle.Offsets, parameters, rows, hiddenGradient, dropout, 2, precision: Precision.BFloat16);
        var second = ParallelEncoderTests.Run(Heads16, oracle.Offsets, parameters, rows, hiddenGradient, dropout, 2, precision: Precision.BFloat16);

        Assert.Equal(first.Hidden, second.Hidden);
        Assert.Equal(first.Gradients, second.Gradients);
    }

    public static TheoryData<EncoderShape> OddHeads() => [Heads8, Heads24];

    [Theory]
    [MemberData(nameof(OddHeads))]
    public void What_is_no_number_ends_with_its_batch(EncoderShape shape)
    {
        Assert.SkipUnless(BFloat16Product.IsAvailable, "This processor does not multiply bfloat16.");
        var oracle = new TorchEncoder(shape);
        var (rows, parameters) = (ParallelEncoderTests.RandomRows(shape, [20, 13]), oracle.RandomParameters(1));
        var hiddenGradient = Numbers.Random(33 * shape.HiddenSize, 6);
        var expected = ParallelEncoderTests.Run(shape, oracle.Offsets, parameters, rows, hiddenGradient, default, 1, precision: Precision.BFloat16);
        using var team = new WorkerTeam(1);
        using var encoder = new ParallelEncoder(shape, oracle.Offsets, team, Precision.BFloat16);
        Run([.. parameters.Select(_ => float.NaN)], ParallelEncoderTests.RandomRows(shape, [40]), Numbers.Random(40 * shape.HiddenSize, 7));

        var (hidden, gradients) = Run(parameters, rows, hiddenGradient);

        Assert.Equal(expected.Hidden, hidden);
        Assert.Equal(expected.Gradients, gradients);

        (float[] Hidden, float[] Gradients) Run(float[] parameters, TokenRows rows, float[] hiddenGradient)
        {
            var (hidden, gradients, overwritten) = (new float[hiddenGradient.Length], new float[parameters.Length], hiddenGradient.ToArray());
            fixed (float* parameter = parameters, state = hidden, stateGradient = overwritten, gradient = gradients)
                encoder.Backward(encoder.Forward(parameter, rows, default, keeps: true, state), parameter, stateGradient, gradient);
            return (hidden, gradients);
        }
    }

    [Fact]
    public void A_width_that_is_no_multiple_of_32_is_refused_by_name()
    {
        var shape = Heads8 with { IntermediateSize = 72 };
        using var team = new WorkerTeam(1);

        Assert.False(ParallelEncoder.Serves(shape, Precision.BFloat16));
        Assert.True(ParallelEncoder.Serves(shape, Precision.Float32));
        Assert.Throws<ArgumentException>(() => new ParallelEncoder(shape, new TorchEncoder(shape).Offsets, team, Precision.BFloat16));
    }
}
