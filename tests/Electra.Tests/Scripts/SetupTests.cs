using System.Diagnostics;

namespace Electra.Tests.Scripts;

/// <summary><c>eng/setup.sh</c> on a machine that has been set up, as every machine that runs the tests has.</summary>
public sealed class SetupTests
{
    [Fact]
    public void Nothing_is_said_or_waited_for_when_nothing_is_missing()
    {
        var (code, output, seconds) = RunSetup();
        Assert.Equal((0, ""), (code, output));
        Assert.True(seconds < 3, $"setup.sh took {seconds:F1} s.");
    }

    [Fact]
    public void A_machine_without_the_sdk_is_told_what_to_install()
    {
        // A path that has the shell's tools, and no dotnet.
        var tools = Directory.CreateTempSubdirectory("electra tools ");
        try
        {
            foreach (var tool in (string[])["bash", "env", "grep"]) File.CreateSymbolicLink(Path.Combine(tools.FullName, tool), $"/usr/bin/{tool}");
            var (code, output, _) = RunSetup(tools.FullName);
            Assert.Equal(3, code);
            Assert.Equal("setup: the .NET 10 SDK is missing; install the package dotnet-sdk-10.0 (see the .NET documentation for your system) and run this again\n", output);
        }
        finally
        {
            tools.Delete(recursive: true);
        }
    }

    static (int Code, string Output, double Seconds) RunSetup(string? path = null)
    {
        var start = new ProcessStartInfo(Path.Combine(Checkout.RepositoryRoot(), "eng", "setup.sh")) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (path is not null) start.Environment["PATH"] = path;
        var clock = Stopwatch.StartNew();
        using var setup = Process.Start(start)!;
        var errors = setup.StandardError.ReadToEndAsync();
        var output = setup.StandardOutput.ReadToEnd();
        setup.WaitForExit();
        return (setup.ExitCode, output + errors.Result, clock.Elapsed.TotalSeconds);
    }
}
