using System.Text.Json.Nodes;
using Electra.Checkpoints;
using Electra.Model;
using Electra.Tests.Evaluation;
using Electra.Tokenization;

namespace Electra.Tests.Checkpoints;

[Collection(TorchCollection.Name)]
public sealed class ModelCopyTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Models() => ReferenceComparisonTests.Models();

    [Theory]
    [MemberData(nameof(Models))]
    public void Import_and_export_give_identical_tensors_and_the_same_configuration(string name)
    {
        var original = ReferenceFiles.Get("models", name);
        var imported = Assert.Single(ModelCopy.Run(original, _folder["imported"]));
        ModelCopy.Run(_folder["imported"], _folder["exported"]);

        Assert.Equal(File.ReadAllBytes(Path.Combine(original, "model.safetensors")), File.ReadAllBytes(Path.Combine(_folder["exported"], "model.safetensors")));
        var before = JsonNode.Parse(File.ReadAllBytes(Path.Combine(original, "config.json")))!.AsObject();
        var after = JsonNode.Parse(File.ReadAllBytes(Path.Combine(_folder["exported"], "config.json")))!.AsObject();
        foreach (var (key, value) in before) Assert.True(JsonNode.DeepEquals(value, after[key]), key);
        Assert.Equal(imported.FilledDefaults, after.Select(pair => pair.Key).Except(before.Select(pair => pair.Key)));
    }

    [Theory]
    [InlineData(TensorFormat.Float16)]
    [InlineData(TensorFormat.BFloat16)]
    public void A_half_precision_model_keeps_its_bits(TensorFormat format)
    {
        var source = StoredFiles.Copy(ReferenceFiles.Get("models", "electra-discriminator"), _folder["half"]);
        StoredFiles.Rewrite(source, name => name, format);
        ModelCopy.Run(source, _folder["imported"]);
        ModelCopy.Run(_folder["imported"], _folder["exported"]);
        Assert.Equal(StoredFiles.Content(source), StoredFiles.Content(_folder["exported"]));
        Assert.All(StoredFiles.Content(source).Values, value => Assert.StartsWith($"{format}", value));
    }

    [Theory]
    [InlineData(TensorFormat.Float16, "float16")]
    [InlineData(TensorFormat.BFloat16, "bfloat16")]
    public void Weights_are_rounded_when_asked_and_the_configuration_says_so(TensorFormat format, string name)
    {
        ModelCopy.Run(ReferenceFiles.Get("models", "roberta-masked-lm"), _folder["rounded"], format);
        using var file = SafetensorsFile.Open(Path.Combine(_folder["rounded"], "model.safetensors"));
        Assert.All(file.Tensors, tensor => Assert.Equal(format, tensor.Format));
        Assert.Equal("pt", file.Metadata["format"]);
        Assert.Equal(name, (string?)JsonNode.Parse(File.ReadAllBytes(Path.Combine(_folder["rounded"], "config.json")))!["torch_dtype"]);
    }

    [Fact]
    public void A_PyTorch_archive_becomes_the_safetensors_file_of_the_same_model()
    {
        var source = StoredFiles.Copy(ReferenceFiles.Get("pytorch-bin"), _folder["bin"]);
        File.Delete(Path.Combine(source, "model.safetensors"));
        ModelCopy.Run(source, _folder["imported"]);
        var expected = StoredFiles.Content(ReferenceFiles.Get("pytorch-bin"));
        expected.Remove("electra.embeddings.position_ids");
        Assert.Equal(expected, StoredFiles.Content(_folder["imported"]));
    }

    [Fact]
    public void Old_names_come_out_as_todays()
    {
        var original = ReferenceFiles.Get("models", "bert-sequence-classification");
        var source = StoredFiles.Copy(original, _folder["old"]);
        StoredFiles.Rewrite(source, name => name.Replace("LayerNorm.weight", "LayerNorm.gamma", StringComparison.Ordinal).Replace("LayerNorm.bias", "LayerNorm.beta", StringComparison.Ordinal));
        ModelCopy.Run(source, _folder["new"]);
        Assert.Equal(StoredFiles.Content(original), StoredFiles.Content(_folder["new"]));
    }

    [Fact]
    public void A_missing_head_is_written_fresh_so_that_the_model_loads_whole()
    {
        var report = Assert.Single(ModelCopy.Run(
            ReferenceFiles.Get("models", "electra-discriminator"), _folder["classifier"], architecture: Architecture.Named("ElectraForSequenceClassification")));
        Assert.Equal(4, report.FreshTensors.Count);
        using var model = ModelDirectory.Load(_folder["classifier"]);
        Assert.True(model.Report.IsExact);
        Assert.Equal("ElectraForSequenceClassification", model.Config.Network.Architecture.Name);
    }

    [Fact]
    public void Generator_and_discriminator_travel_together()
    {
        StoredFiles.Copy(ReferenceFiles.Get("models", "electra-generator"), Path.Combine(_folder["pair"], "generator"));
        StoredFiles.Copy(ReferenceFiles.Get("models", "electra-discriminator"), Path.Combine(_folder["pair"], "discriminator"));
        Assert.Equal(2, ModelCopy.Run(_folder["pair"], _folder["out"]).Count);
        foreach (var part in (string[])["generator", "discriminator"])
            Assert.Equal(StoredFiles.Content(ReferenceFiles.Get("models", $"electra-{part}")), StoredFiles.Content(Path.Combine(_folder["out"], part)));
    }

    [Fact]
    public void A_lone_vocabulary_becomes_every_file_a_tokenizer_has()
    {
        var source = StoredFiles.Copy(ReferenceFiles.Get("models", "electra-discriminator"), _folder["model"]);
        string[] special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];
        File.WriteAllLines(Path.Combine(source, "vocab.txt"), special.Concat(Enumerable.Range(0, 206).Select(i => $"w{i}")));
        var report = Assert.Single(ModelCopy.Run(source, _folder["out"]));
        Assert.Empty(report.Notes);
        foreach (var name in (string[])["vocab.txt", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"])
            Assert.True(File.Exists(Path.Combine(_folder["out"], name)), name);
        Assert.Equal(TokenizerDirectory.Load(source).Identity, TokenizerDirectory.Load(_folder["out"]).Identity);
    }

    [Fact]
    public void The_sources_own_tokenizer_files_and_card_are_kept_as_they_are()
    {
        var source = StoredFiles.Copy(ReferenceFiles.Get("models", "electra-discriminator"), _folder["model"]);
        File.WriteAllText(Path.Combine(source, "vocab.txt"), "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n");
        File.WriteAllText(Path.Combine(source, "tokenizer_config.json"), """{"do_lower_case": true, "my_key": 1}""");
        File.WriteAllText(Path.Combine(source, "README.md"), "# mine");
        ModelCopy.Run(source, _folder["out"]);
        foreach (var name in (string[])["vocab.txt", "tokenizer_config.json", "README.md"])
            Assert.Equal(File.ReadAllBytes(Path.Combine(source, name)), File.ReadAllBytes(Path.Combine(_folder["out"], name)));
    }

    [Fact]
    public void A_card_that_describes_another_head_is_written_anew()
    {
        var source = StoredFiles.Copy(ReferenceFiles.Get("models", "electra-discriminator"), _folder["model"]);
        File.WriteAllText(Path.Combine(source, "README.md"), "# `ElectraForPreTraining`");

        var report = Assert.Single(ModelCopy.Run(source, _folder["out"], architecture: Architecture.Named("ElectraForTokenClassification")));

        Assert.Contains("its README.md describes another head and is not taken along", report.Notes);
        var card = File.ReadAllText(Path.Combine(_folder["out"], "README.md"));
        Assert.Contains("pipeline_tag: token-classification\n", card);
        Assert.Contains("| Began from | model |", card);
    }

    [Fact]
    public void A_vocabulary_larger_than_the_word_table_is_reported()
    {
        var source = StoredFiles.Copy(ReferenceFiles.Get("models", "electra-discriminator"), _folder["model"]);
        File.WriteAllLines(Path.Combine(source, "vocab.txt"), ((string[])["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]).Concat(Enumerable.Range(0, 207).Select(i => $"w{i}")));
        Assert.Contains("the tokenizer has 212 tokens, the word table 211 rows", Assert.Single(Assert.Single(ModelCopy.Run(source, _folder["out"])).Notes));
    }

    [Fact]
    public void The_card_says_what_is_recorded_and_that_the_rest_is_not()
    {
        ModelCopy.Run(ReferenceFiles.Get("models", "electra-discriminator"), _folder["plain"]);
        var plain = File.ReadAllText(Path.Combine(_folder["plain"], "README.md"));
        Assert.StartsWith("---\nlicense: other\n", plain);
        Assert.Contains("| Data | not recorded |", plain);

        var card = new ModelCard("my model", "law reports", 12_000, new Dictionary<string, string> { ["AUC"] = "0.91" }, "apache-2.0", "en");
        ModelCopy.Run(ReferenceFiles.Get("models", "electra-discriminator"), _folder["full"], cardOf: _ => card);
        var full = File.ReadAllText(Path.Combine(_folder["full"], "README.md"));
        Assert.StartsWith("---\nlicense: apache-2.0\nlanguage: en\n", full);
        Assert.Contains("| Data | law reports |", full);
        Assert.Contains("| Steps | 12,000 |", full);
        Assert.Contains("| AUC | 0.91 |", full);
        Assert.Contains("`ElectraForPreTraining` with 31,345 weights", full);
    }

    [Fact]
    public void An_existing_output_is_refused_and_a_failed_copy_leaves_nothing()
    {
        Directory.CreateDirectory(_folder["taken"]);
        File.WriteAllText(Path.Combine(_folder["taken"], "file"), "mine");
        Assert.Contains("is there already", Assert.Throws<InvalidDataException>(() => ModelCopy.Run(ReferenceFiles.Get("models", "electra-generator"), _folder["taken"])).Message);
        Assert.Equal("mine", File.ReadAllText(Path.Combine(_folder["taken"], "file")));

        var source = StoredFiles.Copy(ReferenceFiles.Get("models", "electra-generator"), _folder["broken"]);
        StoredFiles.Rewrite(source, name => name == "electra.embeddings.LayerNorm.bias" ? null : name);
        Assert.Throws<InvalidDataException>(() => ModelCopy.Run(source, _folder["out"]));
        Assert.Equal(["broken", "taken"], Directory.GetFileSystemEntries(_folder.Path).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal));
    }
}
