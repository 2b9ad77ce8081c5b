using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Electra.Tests.Scripts;

/// <summary>
/// The repository's own scripts in a folder of their own, with a source file, and a dotnet that builds a program in no time:
/// one that prints its arguments, one a line. Each build adds a line to <see cref="Builds"/>.
/// </summary>
sealed class Checkout : IDisposable
{
    const string Dotnet = """
        #!/bin/bash
        if [ "$1" = --list-sdks ]; then echo "10.0.100 [here]"; exit; fi
        echo "$*" >>"$CHECKOUT/builds"
        if [ -n "${BUILD_SAYS:-}" ]; then echo "$BUILD_SAYS"; exit 1; fi
        sleep "${BUILD_TAKES:-0}"
        program="$CHECKOUT/artifacts/bin/Electra.Cli/release/Electra.Cli"
        mkdir -p "$(dirname "$program")"
        printf '#!/bin/bash\nprintf "%%s\\n" "$@"\n' >"$program"
        chmod +x "$program"
        """;

    readonly string _folder = Directory.CreateTempSubdirectory("electra checkout ").FullName;

    public string Root => Path.Combine(_folder, "the repository");
    public string Source => Path.Combine(Root, "src", "Program.cs");
    public string[] Builds => File.Exists(Path.Combine(Root, "builds")) ? File.ReadAllLines(Path.Combine(Root, "builds")) : [];

    public Checkout()
    {
        Directory.CreateDirectory(Path.Combine(Root, "src"));
        Directory.CreateDirectory(Path.Combine(Root, "eng"));
        Directory.CreateDirectory(Path.Combine(_folder, "bin"));
        File.WriteAllText(Source, "first");
        var repository = RepositoryRoot();
        foreach (var file in (string[])["electra", .. Directory.GetFiles(Path.Combine(repository, "eng"), "*.sh").Select(path => Path.GetRelativePath(repository, path))])
            File.Copy(Path.Combine(repository, file), Path.Combine(Root, file));
        var dotnet = Path.Combine(_folder, "bin", "dotnet");
        File.WriteAllText(dotnet, Dotnet);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(dotnet, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    public static string RepositoryRoot([CallerFilePath] string thisFile = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "../../.."));

    /// <summary>Makes every stamp older than what is written from now on.</summary>
    public void LetTimePass()
    {
        foreach (var stamp in Directory.GetFiles(Path.Combine(Root, "artifacts"), "built.*")) File.SetLastWriteTimeUtc(stamp, DateTime.UtcNow.AddSeconds(-1));
        foreach (var path in Directory.GetFileSystemEntries(Root, "*", SearchOption.AllDirectories).Where(path => !path.Contains("artifacts")))
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddSeconds(-2));
    }

    public (int Code, string Output, string Errors) Run(params string[] arguments) => RunFrom(Path.Combine(Root, "electra"), [], arguments);

    public (int Code, string Output, string Errors) RunWith((string Variable, string Value)[] environment, params string[] arguments) =>
        RunFrom(Path.Combine(Root, "electra"), environment, arguments);

    public (int Code, string Output, string Errors) RunFrom(string script, (string Variable, string Value)[] environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(script, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        start.Environment["PATH"] = $"{Path.Combine(_folder, "bin")}:{Environment.GetEnvironmentVariable("PATH")}";
        start.Environment["CHECKOUT"] = Root;
        foreach (var (variable, value) in environment) start.Environment[variable] = value;
        using var program = Process.Start(start)!;
        var errors = program.StandardError.ReadToEndAsync();
        var output = program.StandardOutput.ReadToEnd();
        program.WaitForExit();
        return (program.ExitCode, output, errors.Result);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
