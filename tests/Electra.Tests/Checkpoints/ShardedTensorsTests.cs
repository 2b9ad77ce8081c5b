using Electra.Checkpoints;
using Electra.Tests.Evaluation;

namespace Electra.Tests.Checkpoints;

[Collection(TorchCollection.Name)]
public sealed class ShardedTensorsTests : IDisposable
{
    const string Index = "model.safetensors.index.json";

    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_sharded_model_is_the_model_in_one_file()
    {
        var original = ReferenceFiles.Get("models", "electra-discriminator");
        Shard(original);
        File.Copy(Path.Combine(original, "config.json"), _folder["config.json"]);
        Assert.Equal(StoredFiles.Content(original), StoredFiles.Content(_folder.Path));
        using var model = ModelDirectory.Load(_folder.Path);
        Assert.True(model.Report.IsExact);
    }

    [Theory]
    [InlineData("../secret.safetensors", "not a plain file name")]
    [InlineData("/etc/passwd", "not a plain file name")]
    [InlineData("sub/model.safetensors", "not a plain file name")]
    [InlineData("..\\\\secret.safetensors", "not a plain file name")]
    [InlineData("..", "not a plain file name")]
    [InlineData("", "neither .safetensors nor .bin")]
    [InlineData("model.safetensors.index.json", "neither .safetensors nor .bin")]
    [InlineData("missing.safetensors", "does not exist")]
    public void A_shard_name_that_leads_elsewhere_is_refused(string shard, string expected)
    {
        _folder.Write(Index, WeightMap($"\"a\":\"{shard}\""));
        var exception = Assert.ThrowsAny<Exception>(() => TensorSources.Open(_folder.Path));
        Assert.True(exception is InvalidDataException or FileNotFoundException);
        Assert.Contains(expected, exception.Message);
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("{}", "no weight_map")]
    [InlineData("[]", "no weight_map")]
    [InlineData("""{"weight_map":[]}""", "no weight_map")]
    [InlineData("""{"weight_map":{}}""", "names no tensor")]
    [InlineData("""{"weight_map":{"a":1}}""", "no file name")]
    [InlineData("""{"weight_map":{"a":"x.safetensors","a":"y.safetensors"}}""", "not valid JSON")]
    [InlineData("""{"weight_map":{"a":{"b":{"c":{"d":{"e":{"f":{"g":{}}}}}}}}}""", "not valid JSON")]
    [InlineData("""{"weight_map":""", "not valid JSON")]
    public void A_bad_index_is_refused(string index, string expected)
    {
        _folder.Write(Index, index);
        Assert.Contains(expected, Assert.Throws<InvalidDataException>(() => TensorSources.Open(_folder.Path)).Message);
    }

    [Fact]
    public void An_index_and_its_shards_must_agree()
    {
        Shard(ReferenceFiles.Get("models", "electra-generator"));
        var text = File.ReadAllText(_folder[Index]);
        var name = "electra.embeddings.LayerNorm.bias";
        string Refusal(string index)
        {
            _folder.Write(Index, index);
            return Assert.Throws<InvalidDataException>(() => TensorSources.Open(_folder.Path)).Message;
        }
        Assert.Contains($"does not name '{name}'", Refusal(text.Replace($"\"{name}\"", "\"other\"", StringComparison.Ordinal)));
        Assert.Contains("places 'other' in 1.safetensors, which does not hold it", Refusal(text.Replace("map\":{", "map\":{\"other\":\"1.safetensors\",", StringComparison.Ordinal)));
        Assert.Contains($"places '{name}' in 2.safetensors, 1.safetensors holds it",
            Refusal(text.Replace($"\"{name}\":\"1.safetensors\"", $"\"{name}\":\"2.safetensors\"", StringComparison.Ordinal)));
    }

    [Fact]
    public void Oversized_indexes_are_refused_unread()
    {
        using (var file = File.Create(_folder[Index])) file.SetLength((16 << 20) + 1);
        Assert.Contains("at most 16,777,216", Assert.Throws<InvalidDataException>(() => TensorSources.Open(_folder.Path)).Message);
        _folder.Write(Index, WeightMap(string.Join(',', Enumerable.Range(0, 1001).Select(i => $"\"t{i}\":\"{i}.safetensors\""))));
        Assert.Contains("names 1,001 files", Assert.Throws<InvalidDataException>(() => TensorSources.Open(_folder.Path)).Message);
    }

    static string WeightMap(string entries) => $"{{\"metadata\":{{\"total_size\":1}},\"weight_map\":{{{entries}}}}}";

    /// <summary>Splits a model over two files by turns.</summary>
    void Shard(string original)
    {
        using var source = TensorSources.Open(original);
        var shards = source.Tensors.OrderBy(tensor => tensor.Name, StringComparer.Ordinal).Select((tensor, i) => (Tensor: tensor, File: $"{1 + i % 2}.safetensors")).ToList();
        foreach (var shard in shards.GroupBy(shard => shard.File))
            SafetensorsWriter.Write(_folder[shard.Key], shard.Select(item => TensorTransfer.Item(item.Tensor.Name, source, item.Tensor)));
        _folder.Write(Index, WeightMap(string.Join(',', shards.Select(shard => $"\"{shard.Tensor.Name}\":\"{shard.File}\""))));
    }
}
