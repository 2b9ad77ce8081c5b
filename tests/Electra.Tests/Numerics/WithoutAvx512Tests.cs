using System.Diagnostics;
using System.Runtime.Intrinsics.X86;
using System.Text.Json;
using Electra.Tests.Evaluation;

namespace Electra.Tests.Numerics;

/// <summary>The kernels as a processor without AVX-512 runs them: conversions, packing, transposition and exponentials have other code there.</summary>
public sealed class WithoutAvx512Tests
{
    /// <summary>The runtime's switch: 0 hides AVX-512 from a process.</summary>
    internal const string Switch = "DOTNET_EnableAVX512";

    [Fact]
    public void The_kernels_pass_their_tests_on_vectors_of_256_bits()
    {
        Assert.SkipUnless(Avx512F.IsSupported, "There is no AVX-512 in this process: its kernel tests run without it anyway.");
        using var folder = new TemporaryFolder();
        var start = new ProcessStartInfo(
            Path.Combine(AppContext.BaseDirectory, "Electra.Tests"),
            ["--filter-namespace", "Electra.Tests.Numerics.Kernels", "--results-directory", folder.Path, "--report-xunit-ctrf", "--report-xunit-ctrf-filename", "tests.json"])
        {
            RedirectStandardOutput = true,
        };
        start.Environment[Switch] = "0";
        using var program = Process.Start(start)!;
        var output = program.StandardOutput.ReadToEnd();
        program.WaitForExit();

        Assert.True(program.ExitCode == 0, output);
        using var report = JsonDocument.Parse(File.ReadAllText(folder["tests.json"]));
        var summary = report.RootElement.GetProperty("results").GetProperty("summary");
        Assert.Equal(0, summary.GetProperty("failed").GetInt32());
        Assert.InRange(summary.GetProperty("passed").GetInt32(), 50, int.MaxValue);
    }
}
