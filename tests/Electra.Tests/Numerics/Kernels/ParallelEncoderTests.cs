using Electra.Numerics;
using Electra.Numerics.Kernels;
using static TorchSharp.torch;

namespace Electra.Tests.Numerics.Kernels;

public sealed unsafe class ParallelEncoderTests
{
    // Vocabulary, positions, types, embedding, hidden, layers, heads, intermediate.
    static readonly EncoderShape Projected = new(50, 160, 2, 24, 40, 3, 5, 72);
    static readonly EncoderShape Unprojected = new(50, 300, 3, 32, 32, 2, 4, 64);
    static readonly EncoderShape Odd = new(30, 64, 2, 9, 21, 2, 3, 35);

    static readonly EncoderDropout Drops = new(0.1, 0.2, Seed: 7, Step: 3, Encoder: 1);

    public static TheoryData<EncoderShape, int[], int, bool> Cases() => new()
    {
        { Projected, [17, 1, 130, 64, 9], 1, false },
        { Projected, [17, 1, 130, 64, 9], 2, true },
        { Unprojected, [290, 7], 1, true },
        { Unprojected, [128, 128, 33], 2, false },
        { Odd, [13, 64, 5], 2, true },
        { Odd, [37], 2, false },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Hidden_states_and_gradients_equal_those_of_autograd(EncoderShape shape, int[] lengths, int workers, bool drops)
    {
        using var scope = NewDisposeScope();
        var oracle = new TorchEncoder(shape);
        var (rows, parameters, hiddenGradient) = (RandomRows(shape, lengths), oracle.RandomParameters(1), RandomGradient(shape, lengths));
        var dropout = drops ? Drops : default;
        var flat = tensor(parameters).requires_grad_();
        using var grad = enable_grad();
        var expected = oracle.Forward(flat, rows, dropout);
        expected.backward([tensor(hiddenGradient, expected.shape)]);

        var (hidden, gradients) = Run(shape, oracle.Offsets, parameters, rows, hiddenGradient, dropout, workers);

        Numbers.AssertClose(expected.detach().data<float>().ToArray(), hidden, 1e-4f);
        var expectedGradients = flat.grad!.data<float>().ToArray();
        Numbers.AssertClose(expectedGradients, gradients, 1e-4f * expectedGradients.Max(MathF.Abs));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Equal_input_gives_equal_bits(int workers)
    {
        var oracle = new TorchEncoder(Projected);
        int[] lengths = [17, 40, 130, 64, 9];
        var (rows, parameters, hiddenGradient) = (RandomRows(Projected, lengths), oracle.RandomParameters(1), RandomGradient(Projected, lengths));

        var first = Run(Projected, oracle.Offsets, parameters, rows, hiddenGradient, Drops, workers);
        var second = Run(Projected, oracle.Offsets, parameters, rows, hiddenGradient, Drops, workers);

        Assert.Equal(first.Hidden, second.Hidden);
        Assert.Equal(first.Gradients, second.Gradients);
    }

    [Fact]
    public void A_pass_that_keeps_nothing_gives_the_same_hidden_states_and_disturbs_no_backward_pass()
    {
        var oracle = new TorchEncoder(Projected);
        int[] lengths = [30, 12];
        var (rows, parameters, hiddenGradient) = (RandomRows(Projected, lengths), oracle.RandomParameters(1), RandomGradient(Projected, lengths));
        var expected = Run(Projected, oracle.Offsets, parameters, rows, hiddenGradient, default, 2);
        using var team = new WorkerTeam(2);
        using var encoder = new ParallelEncoder(Projected, oracle.Offsets, team);
        using var elsewhere = new NativeBuffer(253 * 40);
        var (hidden, gradients) = (new float[hiddenGradient.Length], new float[parameters.Length]);

        fixed (float* parameter = parameters, state = hidden, stateGradient = hiddenGradient, gradient = gradients)
        {
            var pass = encoder.Forward(parameter, rows, default, keeps: true, state);
            encoder.Forward(parameter, RandomRows(Projected, [100, 3, 150]), default, keeps: false, elsewhere.Start);
            encoder.Forward(parameter, rows, default, keeps: false, state);
            encoder.Backward(pass, parameter, stateGradient, gradient);
        }

        Assert.Equal(expected.Hidden, hidden);
        Assert.Equal(expected.Gradients, gradients);
    }

    [Fact]
    public void Gradients_are_added_to_what_is_there()
    {
        var oracle = new TorchEncoder(Unprojected);
        int[] lengths = [30, 12];
        var (rows, parameters, hiddenGradient) = (RandomRows(Unprojected, lengths), oracle.RandomParameters(1), RandomGradient(Unprojected, lengths));
        var once = Run(Unprojected, oracle.Offsets, parameters, rows, hiddenGradient, default, 2).Gradients;

        var twice = Run(Unprojected, oracle.Offsets, parameters, rows, hiddenGradient, default, 2, repeats: 2).Gradients;

        Numbers.AssertClose([.. once.Select(value => 2 * value)], twice, 1e-5f * once.Max(MathF.Abs));
    }

    [Fact]
    public void A_backward_pass_for_a_replaced_forward_pass_is_refused()
    {
        var oracle = new TorchEncoder(Unprojected);
        int[] lengths = [5];
        var (rows, parameters, hiddenGradient) = (RandomRows(Unprojected, lengths), oracle.RandomParameters(1), RandomGradient(Unprojected, lengths));
        using var team = new WorkerTeam(1);
        using var encoder = new ParallelEncoder(Unprojected, oracle.Offsets, team);
        fixed (float* parameter = parameters, state = hiddenGradient)
        {
            var first = encoder.Forward(parameter, rows, default, keeps: true, state);
            encoder.Forward(parameter, rows, default, keeps: true, state);
            var (parameterAddress, stateAddress) = ((nint)parameter, (nint)state);

            Assert.Throws<InvalidOperationException>(() => encoder.Backward(first, (float*)parameterAddress, (float*)stateAddress, (float*)parameterAddress));
        }
    }

    [Fact]
    public void An_id_outside_the_vocabulary_is_refused()
    {
        using var team = new WorkerTeam(1);
        using var encoder = new ParallelEncoder(Unprojected, new TorchEncoder(Unprojected).Offsets, team);
        var rows = new TokenRows([50], [0], [0], [0, 1], [0]);

        var failure = Assert.Throws<ArgumentOutOfRangeException>(() => encoder.Forward(null, rows, default, keeps: false, null));

        Assert.Contains("token id", failure.Message, StringComparison.Ordinal);
    }

    internal static TokenRows RandomRows(EncoderShape shape, int[] lengths)
    {
        var random = new Random(5);
        var tokens = lengths.Sum();
        var starts = new int[lengths.Length + 1];
        for (var row = 0; row < lengths.Length; row++) starts[row + 1] = starts[row] + lengths[row];
        return new TokenRows(
            [.. Enumerable.Range(0, tokens).Select(_ => random.Next(shape.VocabularySize))],
            [.. Enumerable.Range(0, tokens).Select(_ => random.Next(shape.TokenTypes))],
            [.. lengths.SelectMany(length => Enumerable.Range(0, length))],
            starts,
            [.. Enumerable.Range(0, lengths.Length).Select(row => 10L + row)]);
    }

    static float[] RandomGradient(EncoderShape shape, int[] lengths)
    {
        var random = new Random(6);
        return [.. Enumerable.Range(0, lengths.Sum() * shape.HiddenSize).Select(_ => random.NextSingle() - 0.5f)];
    }

    internal static (float[] Hidden, float[] Gradients) Run(
        EncoderShape shape, EncoderOffsets offsets, float[] parameters, TokenRows rows, float[] hiddenGradient, EncoderDropout dropout, int workers,
        int repeats = 1, Precision precision = Precision.Float32)
    {
        using var team = new WorkerTeam(workers);
        using var encoder = new ParallelEncoder(shape, offsets, team, precision);
        var (hidden, gradients, overwritten) = (new float[hiddenGradient.Length], new float[parameters.Length], new float[hiddenGradient.Length]);
        fixed (float* parameter = parameters, state = hidden, stateGradient = overwritten, gradient = gradients)
        {
            for (var repeat = 0; repeat < repeats; repeat++)
            {
                var pass = encoder.Forward(parameter, rows, dropout, keeps: true, state);
                hiddenGradient.CopyTo(overwritten, 0);
                encoder.Backward(pass, parameter, stateGradient, gradient);
            }
        }
        return (hidden, gradients);
    }
}
