using System.Text.Json;
using Electra.Numerics;

namespace Electra.Tests.Cli;

/// <summary><c>electra doctor</c> as its callers read it.</summary>
[Collection(TorchCollection.Name)]
public sealed class DoctorCommandTests
{
    [Fact]
    public void The_report_has_what_the_machine_has_and_what_will_be_used()
    {
        // With one thread there is one measurement in place of two.
        var (code, output, errors) = ElectraProgram.RunWith([("OMP_NUM_THREADS", "1")], "doctor", "--json");
        Assert.Equal((0, ""), (code, errors));

        var report = JsonDocument.Parse(output).RootElement;
        var hardware = report.GetProperty("hardware");
        Assert.NotEmpty(hardware.GetProperty("processor").GetString()!);
        Assert.Equal(JsonValueKind.Array, hardware.GetProperty("features").ValueKind);
        Assert.Equal(Environment.ProcessorCount, hardware.GetProperty("threads").GetInt32());
        Assert.True(hardware.GetProperty("memory_bytes").GetInt64() > 1L << 28);
        Assert.Equal(JsonValueKind.Array, hardware.GetProperty("gpus").ValueKind);
        Assert.True(report.GetProperty("free_disk_bytes").GetInt64() > 0);
        Assert.StartsWith("2.10.", report.GetProperty("libtorch").GetProperty("version").GetString());
        Assert.True(Directory.Exists(report.GetProperty("libtorch").GetProperty("path").GetString()));
        Assert.Equal(Hardware.TrainingPrecision == Precision.BFloat16 ? "bf16" : "fp32", report.GetProperty("precision").GetString());
        Assert.True(report.GetProperty("gemm_gflops").GetProperty("fp32").GetDouble() > 0);
        Assert.True(report.GetProperty("gemm_gflops").GetProperty("bf16").GetDouble() > 0);
        Assert.Equal(!Hardware.Describe().ProcessorMultipliesBFloat16, report.GetProperty("gemm_gflops").GetProperty("bf16_emulated").GetBoolean());
        Assert.Equal(JsonValueKind.Array, report.GetProperty("missing").ValueKind);
    }

    [Fact]
    public void What_is_missing_is_reported_with_its_remedy_and_the_rest_all_the_same()
    {
        var (code, output, errors) = ElectraProgram.RunWith([(TorchLibrary.FolderVariable, "no-such-folder")], "doctor", "--json");
        var report = JsonDocument.Parse(output).RootElement;
        var missing = report.GetProperty("missing")[0];
        Assert.Equal("libtorch", missing.GetProperty("what").GetString());
        Assert.Contains("unset the variable", missing.GetProperty("remedy").GetString());
        Assert.Equal(JsonValueKind.Null, report.GetProperty("gemm_gflops").ValueKind);
        Assert.NotEmpty(report.GetProperty("hardware").GetProperty("processor").GetString()!);
        Assert.Equal($"electra: {missing.GetProperty("remedy").GetString()}\n", errors);
        Assert.Equal(3, code);
    }
}
