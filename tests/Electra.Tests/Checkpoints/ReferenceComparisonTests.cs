using Electra.Checkpoints;
using Electra.Numerics;
using Electra.Tests.Evaluation;
using static TorchSharp.torch;

namespace Electra.Tests.Checkpoints;

[Collection(TorchCollection.Name)]
public sealed class ReferenceComparisonTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Models() =>
        [.. Directory.GetDirectories(ReferenceFiles.Get("models")).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Models))]
    public void Outputs_and_gradients_equal_the_reference(string name)
    {
        var rows = Run(name, Expected(name));
        Assert.Contains(rows, row => row.Name == "loss");
        Assert.Equal(4, rows.Count(row => row.Name.StartsWith("hidden_states.", StringComparison.Ordinal)));
        Assert.Contains(rows, row => row.Name.EndsWith("logits", StringComparison.Ordinal));
        using var model = ModelDirectory.Load(ReferenceFiles.Get("models", name));
        Assert.Equal(model.Network.Parameters.Count, rows.Count(row => row.Name.StartsWith("grad.", StringComparison.Ordinal)));
        Assert.All(rows, row => Assert.True(row.Passes, $"{row.Name}: {row.Error:e2} is above {row.Tolerance:e0}"));
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Kernels_give_the_reference_outputs_and_gradients_too(string name)
    {
        using var model = ModelDirectory.Load(ReferenceFiles.Get("models", name));
        using var file = SafetensorsFile.Open(Expected(name));
        Assert.True(model.Network.UseKernels(numWorkers: 2));
        Assert.All(ReferenceComparison.Run(model.Network, file), row => Assert.True(row.Passes, $"{row.Name}: {row.Error:e2} is above {row.Tolerance:e0}"));
    }

    [Theory]
    [InlineData("logits", 2e-4, 2e-4)]
    [InlineData("hidden_states.3", 5e-4, 5e-4)]
    [InlineData("loss", 1e-3, 1e-3)]
    public void A_wrong_output_is_found_with_its_error(string name, double change, double error)
    {
        var rows = Run("electra-discriminator", Changed("electra-discriminator", name, values => values[0] += (float)change));
        var above = Assert.Single(rows, row => !row.Passes);
        Assert.Equal(name, above.Name);
        Assert.Equal(error, above.Error, error / 50);
    }

    [Fact]
    public void A_gradient_is_judged_by_its_largest_value()
    {
        const string name = "grad.electra.encoder.layer.1.output.dense.weight";
        var largest = 0f;
        var path = Changed("electra-discriminator", name, values =>
        {
            largest = values.Max(MathF.Abs);
            values[Enumerable.Range(0, values.Length).MinBy(i => MathF.Abs(values[i]))] += 0.002f * largest;
        });
        var above = Assert.Single(Run("electra-discriminator", path), row => !row.Passes);
        Assert.Equal(name, above.Name);
        Assert.Equal(0.002, above.Error, 5e-5);
    }

    [Fact]
    public void A_gradient_near_zero_is_judged_by_the_smallest_that_counts()
    {
        // Key biases have no gradient in exact arithmetic: what the file holds is rounding.
        const string name = "grad.electra.encoder.layer.1.attention.self.key.bias";
        Assert.All(Run("electra-discriminator", Changed("electra-discriminator", name, values => values[0] = 5e-8f)), row => Assert.True(row.Passes));
        Assert.Equal(name, Assert.Single(Run("electra-discriminator", Changed("electra-discriminator", name, values => values[0] = 2e-7f)), row => !row.Passes).Name);
    }

    [Fact]
    public void A_NaN_never_passes()
    {
        var rows = Run("electra-discriminator", Changed("electra-discriminator", "logits", values => values[3] = float.NaN));
        Assert.Equal("logits", Assert.Single(rows, row => !row.Passes).Name);
    }

    [Fact]
    public void Padding_is_not_compared()
    {
        // The last position of a row that is not the longest.
        using var file = SafetensorsFile.Open(Expected("electra-discriminator"));
        var mask = TensorMemory.ToFloats(TensorTransfer.Read(file, file.Tensors.Single(tensor => tensor.Name == "attention_mask")));
        var padding = Array.IndexOf(mask, 0f);
        Assert.All(Run("electra-discriminator", Changed("electra-discriminator", "logits", values => values[padding] = 100)), row => Assert.True(row.Passes));
        Assert.Contains(Run("electra-discriminator", Changed("electra-discriminator", "logits", values => values[padding - 1] = 100)), row => !row.Passes);
    }

    [Fact]
    public void A_file_without_gradients_and_labels_is_compared_without_them()
    {
        var rows = Run("electra-generator", Rewritten("electra-generator", name => !name.StartsWith("grad.", StringComparison.Ordinal) && name is not ("labels" or "loss")));
        Assert.Equal(["hidden_states.0", "hidden_states.1", "hidden_states.2", "hidden_states.3", "logits"], rows.Select(row => row.Name));
    }

    [Fact]
    public void Inputs_padded_on_the_left_are_refused()
    {
        var path = Changed("electra-discriminator", "attention_mask", values => { values[0] = 0; values[22] = 1; });
        Assert.Contains("padded on the right", Assert.Throws<InvalidDataException>(() => Run("electra-discriminator", path)).Message);
    }

    [Fact]
    public void A_file_that_does_not_belong_to_the_model_is_refused_by_name()
    {
        Assert.Contains("expects 'end_logits', which ElectraForPreTraining does not give", Refusal("electra-discriminator", Rewritten("electra-question-answering", name => name is "input_ids" or "end_logits")));
        Assert.Contains("hidden_states.0 has shape [4, 23, 32], the network gives [4, 23, 16]", Refusal("electra-generator", Rewritten("electra-discriminator", name => name is "input_ids" or "hidden_states.0")));
        Assert.Contains("lacks input_ids", Refusal("electra-generator", Rewritten("electra-generator", name => name == "logits")));
        Assert.Contains("no expected outputs", Refusal("electra-generator", Rewritten("electra-generator", name => name == "input_ids")));
        Assert.Contains("lack 'labels'", Refusal("electra-generator", Rewritten("electra-generator", name => name is "input_ids" or "loss")));
        Assert.Contains("outside the vocabulary of 211", Refusal("electra-generator", Changed("electra-generator", "input_ids", values => values[5] = 211)));
    }

    static string Expected(string name) => ReferenceFiles.Get("models", name, "expected.safetensors");

    static IReadOnlyList<ReferenceComparison.Row> Run(string name, string expected)
    {
        using var model = ModelDirectory.Load(ReferenceFiles.Get("models", name));
        using var file = SafetensorsFile.Open(expected);
        return ReferenceComparison.Run(model.Network, file);
    }

    static string Refusal(string name, string expected) => Assert.Throws<InvalidDataException>(() => Run(name, expected)).Message;

    string Rewritten(string name, Func<string, bool> keep)
    {
        var path = _folder[$"{Guid.NewGuid():n}"];
        using var file = SafetensorsFile.Open(Expected(name));
        SafetensorsWriter.Write(path, file.Tensors.Where(tensor => keep(tensor.Name)).Select(tensor => TensorTransfer.Item(tensor.Name, file, tensor)));
        return path;
    }

    string Changed(string name, string tensorName, Action<float[]> change)
    {
        using var scope = NewDisposeScope();
        var path = _folder[$"{Guid.NewGuid():n}"];
        using var file = SafetensorsFile.Open(Expected(name));
        SafetensorsWriter.Write(path, file.Tensors.Select(stored =>
        {
            if (stored.Name != tensorName) return TensorTransfer.Item(stored.Name, file, stored);
            var old = TensorTransfer.Read(file, stored);
            var values = TensorMemory.ToFloats(old);
            change(values);
            return TensorTransfer.Item(stored.Name, tensor(values).view(old.shape).to(old.dtype));
        }));
        return path;
    }
}
