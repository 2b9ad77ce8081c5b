using System.Text;
using System.Text.Json.Nodes;
using Electra.Tests.FineTuning;
using Electra.Tests.Pretraining;

namespace Electra.Tests.Cli;

/// <summary>The benchmarks that time a whole loop, each at sizes that take a moment. The machine's rate is given: measuring it takes seconds.</summary>
[Collection(TorchCollection.Name)]
public sealed class BenchCommandTests(TinyDataset data, TinyEncoder encoder) : IClassFixture<TinyDataset>, IClassFixture<TinyEncoder>
{
    [Fact]
    public void Pretraining_is_timed_step_by_step()
    {
        var result = Run("pretrain", data.RecipePath, "--data", data.DatasetPath, "--steps", "3", "--warmup", "1", "--gemm-rate", "100");

        AssertRates(result);
        Assert.Equal(3, result["steps"]!.GetValue<int>());
        Assert.InRange(result["tokens_per_row"]!.GetValue<double>(), 8, 32);    // batch.length
        Assert.EndsWith("explicit kernels", result["machine"]!.GetValue<string>());
    }

    [Fact]
    public void Sizes_that_the_kernels_do_not_take_are_named_and_timed_as_they_run()
    {
        var (code, output, errors) = ElectraProgram.Run(
            "bench", "pretrain", data.RecipePath, "--data", data.DatasetPath, "--steps", "1", "--warmup", "0", "--gemm-rate", "100", "--set", "model.hidden_size=36");

        Assert.Equal(0, code);
        Assert.Contains("Float32, plain kernels", output);
        Assert.Equal("electra: libtorch's operations serve these sizes or this activation, several times slower than the explicit kernels, which take gelu and a hidden_size that is a multiple of 8.\n", errors);
    }

    [Fact]
    public void Fine_tuning_is_timed_step_by_step()
    {
        var result = Run("finetune", "--model", encoder.ModelPath, "--steps", "3", "--warmup", "1", "--batch", "4", "--gemm-rate", "100");

        AssertRates(result);
        Assert.Equal((3, 4), (result["steps"]!.GetValue<int>(), result["batch"]!.GetValue<int>()));
        Assert.InRange(result["tokens_per_row"]!.GetValue<double>(), 3, 64);    // what the model takes
    }

    [Fact]
    public void Embedding_is_timed_run_by_run()
    {
        var result = Run("embed", "--model", encoder.ModelPath, "--sentences", "20", "--runs", "3", "--gemm-rate", "100");

        AssertRates(result);
        Assert.Equal((3, 20), (result["runs"]!.GetValue<int>(), result["sentences"]!.GetValue<int>()));
    }

    [Fact]
    public void Prediction_is_timed_run_by_run()
    {
        var result = Run("predict", "--model", encoder.ModelPath, "--sentences", "20", "--runs", "3", "--gemm-rate", "100");

        AssertRates(result);
        Assert.Equal((3, 20), (result["runs"]!.GetValue<int>(), result["sentences"]!.GetValue<int>()));
    }

    [Fact]
    public void Building_a_dataset_is_timed_run_by_run()
    {
        var result = Run("corpus", "--data", data["text.txt"], "--tokenizer", data["tokenizer"], "--runs", "3", "--workers", "1");

        Assert.Equal(File.ReadLines(data["text.txt"]).Sum(line => (long)Encoding.UTF8.GetByteCount(line)), result["text_bytes"]!.GetValue<long>());
        Assert.Equal((3, 1), (result["runs"]!.GetValue<int>(), result["workers"]!.GetValue<int>()));
        Assert.InRange(result["megabytes_per_second"]!.GetValue<double>(), result["lowest"]!.GetValue<double>(), result["highest"]!.GetValue<double>());
    }

    [Fact]
    public void Half_a_compressed_file_is_not_timed()
    {
        var path = data["half.txt.gz"];
        using (var file = File.Create(path))
        using (var gzip = new System.IO.Compression.GZipStream(file, System.IO.Compression.CompressionLevel.Fastest))
            gzip.Write(System.Text.Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 5000).Select(i => $"the {i} cats sat\n"))));
        using (var file = File.OpenWrite(path)) file.SetLength(file.Length / 2);

        var (code, _, errors) = ElectraProgram.Run("bench", "tokenize", "--data", path, "--tokenizer", Path.Combine(data.DatasetPath, "tokenizer"), "--runs", "1");

        Assert.Equal(2, code);
        Assert.Contains("half.txt.gz: truncated", errors);
    }

    [Theory]
    [InlineData("--gemm-rate is 0, it must be positive.", "embed", "--gemm-rate", "0")]
    [InlineData("--runs 0 --sentences 500: at least 1 of each is needed.", "predict", "--runs", "0")]
    [InlineData("--steps 12 --warmup 2 --batch 0: one timed step of one sentence is needed.", "finetune", "--batch", "0")]
    public void What_cannot_be_timed_is_refused(string reason, params string[] arguments)
    {
        var (code, _, errors) = ElectraProgram.Run(["bench", .. arguments]);

        Assert.Equal((2, $"electra: {reason}\n"), (code, errors));
    }

    static JsonNode Run(params string[] arguments)
    {
        var (code, output, errors) = ElectraProgram.Run(["bench", .. arguments, "--json"]);
        Assert.Equal((0, ""), (code, errors));
        return JsonNode.Parse(output)!;
    }

    static void AssertRates(JsonNode result)
    {
        double Value(string name) => result[name]!.GetValue<double>();
        Assert.Equal(100, Value("gemm_gflops"));
        Assert.True(Value("lowest") > 0);
        Assert.InRange(Value("tokens_per_second"), Value("lowest"), Value("highest"));
        Assert.InRange(Value("utilisation"), Value("lowest_utilisation"), Value("highest_utilisation"));
        // The tiny models of these tests take 10^4 to 10^6 operations for a token.
        Assert.InRange(Value("utilisation") * 100e9 / Value("tokens_per_second"), 1e4, 1e6);
    }
}
