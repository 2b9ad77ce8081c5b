using System.Text.Json;
using Electra.Numerics;

namespace Electra.Tests.Pretraining;

/// <summary>The program on a processor that multiplies bfloat16 where oneDNN is told to do without: what is taken instead is said once.</summary>
[Collection(TorchCollection.Name)]
public sealed class ForbiddenBFloat16Tests(TinyDataset data) : IClassFixture<TinyDataset>
{
    const string Cause = "ONEDNN_MAX_CPU_ISA=AVX2 forbids the processor's bfloat16 products";

    // With one thread there is one measurement in place of two.
    static readonly (string, string)[] Environment = [("ONEDNN_MAX_CPU_ISA", "AVX2"), ("OMP_NUM_THREADS", "1")];

    [Fact]
    public void A_run_that_takes_float32_instead_says_so_as_doctor_does()
    {
        SkipElsewhere();
        var (_, output, _) = ElectraProgram.RunWith(Environment, "doctor", "--json");
        var doctor = JsonDocument.Parse(output).RootElement;

        var (warning, manifest) = Pretrain("auto");

        Assert.Equal($"electra: {Cause} (unset it for them): float32 is taken instead.", warning);
        Assert.Equal(("Float32", "explicit"), (manifest.GetProperty("precision").GetString(), manifest.GetProperty("kernels").GetString()));
        Assert.Equal("fp32", doctor.GetProperty("precision").GetString());
        Assert.True(doctor.GetProperty("gemm_gflops").GetProperty("bf16_emulated").GetBoolean());
        Assert.Contains(Cause, doctor.GetProperty("missing").EnumerateArray().Single(part => part.GetProperty("what").GetString() == "bfloat16").GetProperty("remedy").GetString());
    }

    [Fact]
    public void A_run_that_insists_on_bfloat16_is_told_that_plain_operations_take_it()
    {
        SkipElsewhere();
        var (warning, manifest) = Pretrain("bfloat16");

        Assert.Equal($"electra: {Cause} (unset it for them): plain torch operations take bfloat16 as it is asked for, which may be many times slower than float32.", warning);
        Assert.Equal(("BFloat16", "plain"), (manifest.GetProperty("precision").GetString(), manifest.GetProperty("kernels").GetString()));
    }

    [Fact]
    public void Who_asks_for_float32_loses_nothing_and_is_told_nothing()
    {
        SkipElsewhere();
        var (warning, manifest) = Pretrain("float32");

        Assert.Equal((null, "explicit"), (warning, manifest.GetProperty("kernels").GetString()));
        Assert.StartsWith($"electra: {Cause}", ElectraProgram.RunWith(Environment, "embed", "--model", Path.Combine(data["float32"], "model", "discriminator"), "The cat sat.").Errors);
    }

    static void SkipElsewhere() => Assert.SkipUnless(
        Hardware.Describe().ProcessorMultipliesBFloat16 && OperatingSystem.IsLinux(), "This processor has no instruction for bfloat16 that could be forbidden.");

    /// <summary>A run of one step.</summary>
    /// <returns>The only line that names the cause, and the manifest.</returns>
    (string? Warning, JsonElement Manifest) Pretrain(string precision)
    {
        var (code, _, errors) = ElectraProgram.RunWith(
            Environment, "pretrain", data.RecipePath, "--data", data.DatasetPath, "--out", data[precision], "--set", "run.steps=1", "--set", $"precision={precision}");
        Assert.Equal(0, code);
        return (errors.Split('\n').SingleOrDefault(line => line.Contains("ONEDNN")), JsonDocument.Parse(File.ReadAllText(Path.Combine(data[precision], "manifest.json"))).RootElement);
    }
}
