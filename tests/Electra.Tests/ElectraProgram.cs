using System.Diagnostics;

namespace Electra.Tests;

/// <summary>The built program in a process of its own, as a user calls it.</summary>
static class ElectraProgram
{
    public static (int Code, string Output, string Errors) Run(params string[] arguments) => RunWith([], arguments);

    /// <summary>With a text on standard input.</summary>
    public static (int Code, string Output, string Errors) RunOn(string input, params string[] arguments) => Run([], input, arguments);

    public static (int Code, string Output, string Errors) RunWith((string Variable, string Value)[] environment, params string[] arguments) => Run(environment, "", arguments);

    /// <summary>Begun, with all its streams to be used.</summary>
    public static Process Start(params string[] arguments) => Start([], arguments);

    static (int Code, string Output, string Errors) Run((string Variable, string Value)[] environment, string input, string[] arguments)
    {
        using var program = Start(environment, arguments);
        using (program.StandardInput) program.StandardInput.Write(input);
        var errors = program.StandardError.ReadToEndAsync();
        var output = program.StandardOutput.ReadToEnd();
        program.WaitForExit();
        return (program.ExitCode, output, errors.Result);
    }

    static Process Start((string Variable, string Value)[] environment, string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Electra.Cli"), arguments)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        foreach (var (variable, value) in environment) start.Environment[variable] = value;
        return Process.Start(start)!;
    }
}
