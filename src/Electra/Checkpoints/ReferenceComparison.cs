using Electra.Model;
using Electra.Numerics;
using static TorchSharp.torch;

namespace Electra.Checkpoints;

/// <summary>
/// Runs a network on stored inputs and compares losses, hidden states, outputs and gradients with stored ones of another implementation.
/// What is compared is decided by the names in the file: <c>loss</c>, <c>hidden_states.N</c>, the head's outputs, <c>grad.PARAMETER</c>.
/// </summary>
public static class ReferenceComparison
{
    const string GradientPrefix = "grad.", HiddenStatePrefix = "hidden_states.";

    /// <summary>Below this a gradient is taken for zero: what is left is rounding.</summary>
    const double SmallestGradient = 1e-4;

    static readonly string[] Inputs = ["input_ids", "attention_mask", "token_type_ids"];
    static readonly string[] LabelNames = ["labels", "next_sentence_label", "start_positions", "end_positions"];

    /// <summary>One compared tensor or figure.</summary>
    /// <param name="Name">Its name in the file.</param>
    /// <param name="Error">Largest absolute difference; for a gradient, divided by max(its largest value, 1e-4); for a figure, relative.</param>
    /// <param name="Tolerance">Up to which it passes.</param>
    public readonly record struct Row(string Name, double Error, double Tolerance)
    {
        /// <summary>True within tolerance; a NaN is not.</summary>
        public bool Passes => Error <= Tolerance;
    }

    /// <summary>Compares a network with a file of expected values.</summary>
    /// <param name="network">Run in evaluation, without dropout; by kernels if it uses them.</param>
    /// <param name="expected">Inputs, labels, outputs and, if any, gradients.</param>
    /// <param name="tolerance">Largest absolute error of an output.</param>
    /// <param name="gradientTolerance">Largest error of a gradient, relative to its largest value.</param>
    /// <returns>One row for each expected tensor, in the order of their names.</returns>
    /// <exception cref="InvalidDataException">The file lacks inputs, holds a name the network does not give, or a shape does not fit.</exception>
    public static IReadOnlyList<Row> Run(PretrainedNetwork network, ITensorSource expected, double tolerance = 1e-4, double gradientTolerance = 1e-3)
    {
        using var scope = NewDisposeScope();
        var device = network.Encoder.WordTable.device;
        var stored = expected.Tensors.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
        var batch = ReadBatch(expected, stored, network.Config.Encoder.PadTokenId);
        var compared = stored.Keys.Where(name => !Inputs.Contains(name) && !LabelNames.Contains(name)).Order(StringComparer.Ordinal).ToList();
        if (compared.Count == 0) throw new InvalidDataException($"{expected.Path} holds no expected outputs.");

        // Only the plain path shows hidden states. Kernels leave padding out, which the reference's question answering scores.
        var hiddenStates = new List<Tensor>();
        var outputs = network.Forward(batch, dropout: null, hiddenStates);
        if (network.Head is not QuestionAnsweringHead) outputs = network.Forward(batch);
        var actual = new Dictionary<string, Tensor>(outputs, StringComparer.Ordinal);
        for (var i = 0; i < hiddenStates.Count; i++) actual.Add($"{HiddenStatePrefix}{i}", hiddenStates[i]);
        if (compared.Exists(name => name == "loss" || IsGradient(name)))
        {
            var labels = LabelNames.Where(stored.ContainsKey).ToDictionary(name => name, name => TensorTransfer.Read(expected, stored[name]).to(device));
            var loss = network.Head.Loss(actual, batch, labels);
            actual.Add("loss", loss.reshape(1));
            if (compared.Exists(IsGradient)) AddGradients(network, loss, actual);
        }

        var rows = new List<Row>();
        foreach (var name in compared)
        {
            if (!actual.TryGetValue(name, out var tensor))
                throw new InvalidDataException($"{expected.Path} expects '{SafetensorsHeader.Shown(name)}', which {network.Config.Architecture} does not give.");
            rows.Add(Compare(expected, stored[name], tensor, batch, IsGradient(name) ? gradientTolerance : tolerance));
        }
        return rows;
    }

    static bool IsGradient(string name) => name.StartsWith(GradientPrefix, StringComparison.Ordinal);

    static void AddGradients(PretrainedNetwork network, Tensor loss, Dictionary<string, Tensor> actual)
    {
        foreach (var parameter in network.Parameters) parameter.Value.grad?.zero_();
        loss.backward();
        foreach (var parameter in network.Parameters)
            if (parameter.Value.grad is { } gradient) actual.Add(GradientPrefix + parameter.Name, gradient);
    }

    static Row Compare(ITensorSource source, StoredTensor stored, Tensor actual, TokenBatch batch, double tolerance)
    {
        if (!actual.shape.AsSpan().SequenceEqual(stored.Shape.ToArray()))
            throw new InvalidDataException($"{source.Path}: {SafetensorsHeader.Shown(stored.Name)} has shape {stored.ShapeText}, the network gives [{string.Join(", ", actual.shape)}].");
        var want = new float[stored.NumElements];
        TensorTransfer.ReadFloats(source, stored, want);
        var have = TensorMemory.ToFloats(actual);
        if (IsGradient(stored.Name))
        {
            var (error, largest) = LargestError(have, want, _ => true);
            return new Row(stored.Name, error / Math.Max(largest, SmallestGradient), tolerance);
        }
        // Outputs of tokens are undefined on padding.
        var isOfTokens = stored.Shape.Count >= 2 && stored.Shape[0] == batch.NumRows && stored.Shape[1] == batch.MaxLength;
        var perToken = isOfTokens ? want.Length / (batch.NumRows * batch.MaxLength) : 1;
        var lengths = batch.Lengths.ToArray();
        return new Row(stored.Name, LargestError(have, want, i => !isOfTokens || IsReal(i / perToken, lengths, batch.MaxLength)).Error, tolerance);
    }

    static bool IsReal(int position, int[] lengths, int maxLength) => position % maxLength < lengths[position / maxLength];

    static (double Error, double Largest) LargestError(float[] have, float[] want, Func<int, bool> counts)
    {
        double error = 0, largest = 0;
        for (var i = 0; i < want.Length; i++)
        {
            if (!counts(i)) continue;
            var difference = Math.Abs((double)have[i] - want[i]);
            // A comparison with NaN is false: it must not be lost.
            if (!(difference <= error)) error = difference;
            if (double.IsNaN(error)) return (error, largest);
            largest = Math.Max(largest, Math.Abs((double)want[i]));
        }
        return (error, largest);
    }

    static TokenBatch ReadBatch(ITensorSource source, Dictionary<string, StoredTensor> stored, int paddingId)
    {
        var ids = ReadIntegers(source, stored, "input_ids") ?? throw new InvalidDataException($"{source.Path} lacks input_ids.");
        if (stored["input_ids"].Shape is not [> 0 and var rows, > 0 and var width])
            throw new InvalidDataException($"{source.Path}: input_ids has shape {stored["input_ids"].ShapeText}, rows x tokens are expected.");
        var types = ReadIntegers(source, stored, "token_type_ids") ?? new int[ids.Length];
        var mask = ReadIntegers(source, stored, "attention_mask");
        foreach (var name in Inputs)
            if (stored.TryGetValue(name, out var tensor) && !tensor.Shape.SequenceEqual([rows, width]))
                throw new InvalidDataException($"{source.Path}: {name} has shape {tensor.ShapeText}, input_ids [{rows}, {width}].");
        var lengths = new int[rows];
        for (var row = 0; row < rows; row++) lengths[row] = mask is null ? (int)width : LengthOf(source.Path, mask.AsSpan((int)(row * width), (int)width), row);
        return new TokenBatch(ids, types, lengths, paddingId);
    }

    static int LengthOf(string path, ReadOnlySpan<int> mask, int row)
    {
        var length = mask.IndexOf(0);
        if (length < 0) length = mask.Length;
        if (length == 0 || mask[..length].ContainsAnyExcept(1) || mask[length..].ContainsAnyExcept(0))
            throw new InvalidDataException($"{path}: row {row} of attention_mask is not some ones followed by zeros; inputs must be padded on the right.");
        return length;
    }

    static int[]? ReadIntegers(ITensorSource source, Dictionary<string, StoredTensor> stored, string name)
    {
        if (!stored.TryGetValue(name, out var tensor)) return null;
        if (tensor.Format is not (TensorFormat.Int64 or TensorFormat.Int32))
            throw new InvalidDataException($"{source.Path}: {name} is {TensorFormats.HuggingFaceName(tensor.Format)}, int64 is expected.");
        using var values = TensorTransfer.Read(source, tensor);
        using var wide = values.to(ScalarType.Int64);
        var integers = new int[tensor.NumElements];
        var span = TensorMemory.Span<long>(wide);
        for (var i = 0; i < integers.Length; i++)
            integers[i] = span[i] is >= int.MinValue and <= int.MaxValue and var value ? (int)value : throw new InvalidDataException($"{source.Path}: {name} holds {span[i]}.");
        return integers;
    }
}
