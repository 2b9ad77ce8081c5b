using System.Text.Json.Nodes;
using Electra.Checkpoints;
using Electra.Model;
using Electra.Numerics;
using Electra.Tests.Evaluation;

namespace Electra.Tests.Checkpoints;

[Collection(TorchCollection.Name)]
public sealed class ModelDirectoryTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    string Model(string name) => StoredFiles.Copy(ReferenceFiles.Get("models", name), _folder["model"]);

    [Fact]
    public void What_is_saved_is_read_back_bit_for_bit()
    {
        using var model = ModelDirectory.Load(Model("bert-pretraining"));
        ModelDirectory.Save(_folder["saved"], model);
        using var back = ModelDirectory.Load(_folder["saved"]);
        Assert.True(back.Report.IsExact);
        Assert.Empty(back.Report.FilledDefaults);
        foreach (var (ours, theirs) in model.Network.Parameters.Zip(back.Network.Parameters))
            Assert.Equal(TensorMemory.ToFloats(ours.Value), TensorMemory.ToFloats(theirs.Value));
    }

    [Fact]
    public void Tied_copies_may_be_missing()
    {
        var directory = Model("bert-pretraining");
        using var whole = ModelDirectory.Load(directory);
        StoredFiles.Rewrite(directory, name => name.StartsWith("cls.predictions.decoder", StringComparison.Ordinal) ? null : name);
        using var model = ModelDirectory.Load(directory);
        Assert.True(model.Report.IsExact);
        AssertEqualWeights(whole, model);
    }

    [Fact]
    public void The_copy_of_a_tied_pair_stands_for_its_owner()
    {
        var directory = Model("electra-generator");
        using var whole = ModelDirectory.Load(directory);
        StoredFiles.Rewrite(directory, name => name == "electra.embeddings.word_embeddings.weight" ? null : name);
        using var model = ModelDirectory.Load(directory);
        AssertEqualWeights(whole, model);
    }

    [Fact]
    public void A_tied_copy_that_differs_is_reported()
    {
        var directory = Model("electra-generator");
        var path = Path.Combine(directory, "model.safetensors");
        using (var source = SafetensorsFile.Open(path))
        {
            var word = source.Tensors.Single(tensor => tensor.Name == "electra.embeddings.word_embeddings.weight");
            SafetensorsWriter.Write(_folder["changed"], source.Tensors.Select(tensor => tensor.Name == "generator_lm_head.weight"
                ? TensorTransfer.Item(tensor.Name, new float[word.NumElements], word.Shape)
                : TensorTransfer.Item(tensor.Name, source, tensor)));
        }
        File.Move(_folder["changed"], path, overwrite: true);
        using var model = ModelDirectory.Load(directory);
        Assert.Contains("generator_lm_head.weight differs from electra.embeddings.word_embeddings.weight", Assert.Single(model.Report.Notes));
    }

    [Fact]
    public void Names_of_TensorFlow_are_read_and_reported()
    {
        var directory = Model("bert-sequence-classification");
        using var whole = ModelDirectory.Load(directory);
        StoredFiles.Rewrite(directory, name => name.Replace("LayerNorm.weight", "LayerNorm.gamma", StringComparison.Ordinal).Replace("LayerNorm.bias", "LayerNorm.beta", StringComparison.Ordinal));
        using var model = ModelDirectory.Load(directory);
        Assert.Contains("14 tensors are named gamma and beta", Assert.Single(model.Report.Notes));
        AssertEqualWeights(whole, model);
    }

    [Fact]
    public void A_bare_encoder_takes_a_fresh_head_and_says_so()
    {
        var directory = Model("electra-discriminator");
        using var whole = ModelDirectory.Load(directory);
        StoredFiles.Rewrite(directory, name => name.StartsWith("electra.", StringComparison.Ordinal) ? name["electra.".Length..] : null);
        using var model = ModelDirectory.Load(directory);
        Assert.Equal(
            ["discriminator_predictions.dense.weight", "discriminator_predictions.dense.bias", "discriminator_predictions.dense_prediction.weight", "discriminator_predictions.dense_prediction.bias"],
            model.Report.FreshTensors);
        Assert.Equal(4, model.Report.Lines().Count(line => line.EndsWith("is missing and begins fresh", StringComparison.Ordinal)));
        var head = TensorMemory.ToFloats(model.Network.Parameters.Single(parameter => parameter.Name == "discriminator_predictions.dense.weight").Value);
        Assert.Contains(head, value => value != 0);
        Assert.All(head, value => Assert.InRange(value, -0.04f, 0.04f));     // truncated normal, two deviations of 0.02
        Assert.Equal(Floats(whole, "electra.encoder.layer.2.output.dense.weight"), Floats(model, "electra.encoder.layer.2.output.dense.weight"));
    }

    [Fact]
    public void Another_head_leaves_the_old_one_out_and_says_so()
    {
        using var model = ModelDirectory.Load(Model("electra-discriminator"), Architecture.Named("ElectraForTokenClassification"), adjust: config => config with { Labels = ["O", "B", "I"] });
        Assert.Equal(["classifier.weight", "classifier.bias"], model.Report.FreshTensors);
        Assert.Equal(4, model.Report.SurplusTensors.Count);
        Assert.Equal([3L, 32L], model.Network.Parameters.Single(parameter => parameter.Name == "classifier.weight").Value.shape);
        Assert.Equal(["O", "B", "I"], model.Config.Network.Labels);
    }

    [Fact]
    public void A_headed_file_is_read_as_a_bare_encoder_and_written_without_prefix()
    {
        using var model = ModelDirectory.Load(Model("bert-pretraining"), Architecture.Named("BertModel"));
        Assert.Empty(model.Report.FreshTensors);
        ModelDirectory.Save(_folder["bare"], model);
        Assert.All(StoredFiles.Content(_folder["bare"]).Keys, name => Assert.DoesNotContain("bert.", name));
        using var back = ModelDirectory.Load(_folder["bare"]);
        Assert.True(back.Report.IsExact);
    }

    [Fact]
    public void Fresh_heads_depend_on_the_seed_alone()
    {
        var directory = Model("electra-discriminator");
        float[] Head(ulong seed)
        {
            using var model = ModelDirectory.Load(directory, Architecture.Named("ElectraForQuestionAnswering"), seed: seed);
            return Floats(model, "qa_outputs.weight");
        }
        Assert.Equal(Head(1), Head(1));
        Assert.NotEqual(Head(1), Head(2));
    }

    [Theory]
    [InlineData("hidden_size", 64, "electra.embeddings_project.weight has shape [32, 16], config.json asks for [64, 16]")]
    [InlineData("vocab_size", 210, "electra.embeddings.word_embeddings.weight has shape [211, 16], config.json asks for [210, 16]")]
    [InlineData("vocab_size", 16000000, "config.json asks for [16000000, 16]")]
    [InlineData("intermediate_size", 65, "electra.encoder.layer.0.intermediate.dense.weight has shape [64, 32], config.json asks for [65, 32]")]
    [InlineData("num_hidden_layers", 4, "lacks 16 of the encoder's tensors: electra.encoder.layer.3.attention.self.query.weight")]
    public void A_config_that_does_not_fit_the_tensors_is_refused_by_name_and_shapes(string key, int value, string expected)
    {
        var directory = Model("electra-discriminator");
        SetConfig(directory, key, value);
        Assert.Contains(expected, Assert.Throws<InvalidDataException>(() => ModelDirectory.Load(directory)).Message);
    }

    [Fact]
    public void A_missing_encoder_tensor_is_named()
    {
        var directory = Model("electra-discriminator");
        StoredFiles.Rewrite(directory, name => name == "electra.encoder.layer.1.output.LayerNorm.bias" ? null : name);
        var message = Assert.Throws<InvalidDataException>(() => ModelDirectory.Load(directory)).Message;
        Assert.Contains("lacks 1 of the encoder's tensors: electra.encoder.layer.1.output.LayerNorm.bias", message);
    }

    [Fact]
    public void A_head_of_another_size_is_refused_by_name_and_shapes()
    {
        var directory = Model("electra-token-classification");
        var message = Assert.Throws<InvalidDataException>(() => ModelDirectory.Load(directory, adjust: config => config with { Labels = ["a", "b"] })).Message;
        Assert.Contains("classifier.weight has shape [5, 32], config.json asks for [2, 32]", message);
    }

    [Theory]
    [InlineData(TensorFormat.Float16, 1e-3)]
    [InlineData(TensorFormat.BFloat16, 8e-3)]
    public void Half_precision_files_are_read_as_float32(TensorFormat format, double relative)
    {
        var directory = Model("electra-discriminator");
        using var whole = ModelDirectory.Load(directory);
        StoredFiles.Rewrite(directory, name => name, format);
        using var model = ModelDirectory.Load(directory);
        foreach (var parameter in whole.Network.Parameters)
            foreach (var (exact, rounded) in TensorMemory.ToFloats(parameter.Value).Zip(Floats(model, parameter.Name)))
                Assert.InRange(Math.Abs(exact - rounded), 0, Math.Abs(exact) * relative + 1e-7);
    }

    [Fact]
    public void Integer_weights_are_refused()
    {
        var directory = Model("electra-discriminator");
        var path = Path.Combine(directory, "model.safetensors");
        var text = File.ReadAllBytes(path);
        var at = text.AsSpan().IndexOf("\"F32\""u8);
        "\"I32\""u8.CopyTo(text.AsSpan(at));
        File.WriteAllBytes(path, text);
        Assert.Contains("is int32, weights are of a float format", Assert.Throws<InvalidDataException>(() => ModelDirectory.Load(directory)).Message);
    }

    [Fact]
    public void Parameters_declared_elsewhere_are_filled_in_place()
    {
        var directory = Model("electra-generator");
        var config = ModelDirectory.ReadConfig(directory).Network;
        var generator = new Generator(config.Encoder, new ParameterScope());
        var report = ModelDirectory.LoadInto(directory, config.Architecture, generator.Parameters);
        Assert.True(report.IsExact);
        using var model = ModelDirectory.Load(directory);
        foreach (var parameter in generator.Parameters) Assert.Equal(Floats(model, parameter.Name), TensorMemory.ToFloats(parameter.Value));
    }

    [Fact]
    public void A_family_cannot_be_changed() => Assert.Contains("of another family",
        Assert.Throws<InvalidDataException>(() => ModelDirectory.Load(Model("electra-generator"), Architecture.Named("BertForMaskedLM"))).Message);

    [Fact]
    public void Places_without_a_model_have_clear_errors()
    {
        Directory.CreateDirectory(_folder["empty"]);
        Assert.Throws<DirectoryNotFoundException>(() => ModelDirectory.Load(_folder["nowhere"]));
        Assert.Contains("holds neither model.safetensors nor pytorch_model.bin", Assert.Throws<FileNotFoundException>(() => ModelDirectory.Load(_folder["empty"])).Message);
        Assert.Contains("is a file", Assert.Throws<InvalidDataException>(() => ModelDirectory.Load(_folder.Write("file", ""))).Message);
        Directory.CreateDirectory(Path.Combine(_folder["empty"], "model.safetensors"));
        Assert.Contains("is a directory", Assert.Throws<InvalidDataException>(() => ModelDirectory.Load(_folder["empty"])).Message);
        var directory = Model("electra-generator");
        File.Delete(Path.Combine(directory, "config.json"));
        Assert.Contains("config.json does not exist", Assert.Throws<FileNotFoundException>(() => ModelDirectory.Load(directory)).Message);
    }

    static void SetConfig(string directory, string key, JsonNode value)
    {
        var path = Path.Combine(directory, "config.json");
        var json = JsonNode.Parse(File.ReadAllBytes(path))!;
        json[key] = value;
        File.WriteAllText(path, json.ToJsonString());
    }

    static float[] Floats(LoadedModel model, string name) => TensorMemory.ToFloats(model.Network.Parameters.Single(parameter => parameter.Name == name).Value);

    static void AssertEqualWeights(LoadedModel expected, LoadedModel actual)
    {
        foreach (var parameter in expected.Network.Parameters)
            Assert.Equal(TensorMemory.ToFloats(parameter.Value), Floats(actual, parameter.Name));
    }
}
