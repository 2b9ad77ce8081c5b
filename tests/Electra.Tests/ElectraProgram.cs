using System.Diagnostics;

namespace Electra.Tests;

/// <summary>The built program in a process of its own, as a user calls it.</summary>
static class ElectraProgram
{
    public static (int Code, string Output, string Errors) Run(params string[] arguments) => RunWith([], arguments);

    public static (int Code, string Output, string Errors) RunWith((string Variable, string Value)[] environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Electra.Cli"), arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (variable, value) in environment) start.Environment[variable] = value;
        using var program = Process.Start(start)!;
        var errors = program.StandardError.ReadToEndAsync();
        var output = program.StandardOutput.ReadToEnd();
        program.WaitForExit();
        return (program.ExitCode, output, errors.Result);
    }
}
