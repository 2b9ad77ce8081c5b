using System.Text.Json;
using Electra.Checkpoints;
using Electra.Tests.Evaluation;

namespace Electra.Tests.Checkpoints;

/// <summary>electra verify, import and export, as a user calls them.</summary>
public sealed class ModelCommandTests : IDisposable
{
    static readonly string Discriminator = ReferenceFiles.Get("models", "electra-discriminator");

    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Verify_prints_a_table_and_ends_with_0_or_1_by_the_tolerance()
    {
        var expected = Path.Combine(Discriminator, "expected.safetensors");
        var (code, output, _) = ElectraProgram.Run("verify", Discriminator, expected);
        Assert.Equal(0, code);
        Assert.Contains("hidden_states.3", output);
        Assert.EndsWith("65 agree\n", output);

        (code, output, _) = ElectraProgram.Run("verify", Discriminator, expected, "--tolerance", "1e-12", "--json");
        Assert.Equal(1, code);
        using var json = JsonDocument.Parse(output);
        Assert.False(json.RootElement.GetProperty("passes").GetBoolean());
        Assert.Equal(65, json.RootElement.GetProperty("tensors").GetArrayLength());
        Assert.Equal(1e-12, json.RootElement.GetProperty("tensors")[64].GetProperty("tolerance").GetDouble());
    }

    [Fact]
    public void Import_and_export_print_what_they_wrote_and_refuse_to_overwrite_it()
    {
        var (code, output, errors) = ElectraProgram.Run("import", Discriminator, "--out", _folder["in"]);
        Assert.Equal((0, _folder["in"] + "\n"), (code, output));
        Assert.Contains("config.json lacks position_embedding_type, use_cache, classifier_dropout", errors);

        File.Delete(Path.Combine(_folder["in"], "README.md"));
        (code, _, _) = ElectraProgram.Run("export", _folder["in"], "--out", _folder["out"], "--dtype", "float16", "--license", "mit");
        Assert.Equal(0, code);
        using (var file = SafetensorsFile.Open(Path.Combine(_folder["out"], "model.safetensors")))
            Assert.All(file.Tensors, tensor => Assert.Equal(TensorFormat.Float16, tensor.Format));
        Assert.Contains("license: mit", File.ReadAllText(Path.Combine(_folder["out"], "README.md")));

        (code, _, errors) = ElectraProgram.Run("export", _folder["in"], "--out", _folder["out"]);
        Assert.Equal(2, code);
        Assert.Contains("is there already", errors);
    }

    [Fact]
    public void Mistakes_end_with_2_and_one_line()
    {
        string[][] mistakes =
        [
            ["verify", Discriminator, _folder["nowhere"]],
            ["export", Discriminator, "--out", _folder["a"], "--dtype", "int4"],
            ["import", _folder.Path, "--out", _folder["a"]],
        ];
        foreach (var arguments in mistakes)
        {
            var (code, output, errors) = ElectraProgram.Run(arguments);
            Assert.Equal((2, ""), (code, output));
            Assert.Equal(1, errors.Split('\n').Count(line => line.StartsWith("electra: ", StringComparison.Ordinal) && !line.Contains("documented defaults")));
            Assert.DoesNotContain("   at ", errors);
        }
        Assert.False(Path.Exists(_folder["a"]));
    }
}
