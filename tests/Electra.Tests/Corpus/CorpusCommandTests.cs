using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Electra.Corpus;
using Electra.Tests.Evaluation;

namespace Electra.Tests.Corpus;

/// <summary>The program itself, as a process of its own.</summary>
public sealed class CorpusCommandTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public CorpusCommandTests() => LetterTokenizer.Create().Save(_folder["tokenizer"]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Build_inspect_and_verify_agree()
    {
        _folder.Write("a.txt", "Ab cd. Ef.\n\ngh\n\nij");

        var build = Run("build", "--input", _folder["a.txt"], "--tokenizer", _folder["tokenizer"], "--out", _folder["dataset"]);
        var inspect = Run("inspect", _folder["dataset"], "--json");
        var verify = Run("verify", _folder["dataset"]);

        Assert.Equal((0, 0, 0), (build.Code, inspect.Code, verify.Code));
        Assert.Contains("training", build.Output);
        var json = JsonDocument.Parse(inspect.Output).RootElement;
        Assert.Equal(3, json.GetProperty("training").GetProperty("documents").GetInt32() + json.GetProperty("validation").GetProperty("documents").GetInt32());
        Assert.Equal(0, json.GetProperty("reading").GetProperty("bad_bytes").GetInt32());
        Assert.StartsWith(json.GetProperty("identity").GetString()!, verify.Output);
    }

    [Theory]
    [InlineData("a.txt", "one document only", "the corpus is one document")]
    [InlineData("a.txt", "", "corpus is empty")]
    [InlineData("a.jsonl", "{\"body\": 1}", "a.jsonl:1: the line has no field 'text'")]
    [InlineData("a.csv", "x", "not a kind of file")]
    public void A_users_mistake_is_one_line_and_exit_code_2(string name, string content, string message)
    {
        _folder.Write(name, content);

        var (code, _, error) = Run("build", "--input", _folder[name], "--tokenizer", _folder["tokenizer"], "--out", _folder["dataset"]);

        Assert.Equal(2, code);
        Assert.Contains(message, error, StringComparison.OrdinalIgnoreCase);
        Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path, "dataset*"));
    }

    [Fact]
    public void A_damaged_dataset_is_exit_code_2()
    {
        _folder.Write("a.txt", "ab\n\ncd");
        LetterTokenizer.Build(_folder["a.txt"], _folder["dataset"]);
        File.AppendAllText(_folder["dataset/tokenizer/vocab.txt"], "more");

        var (code, _, error) = Run("verify", _folder["dataset"]);

        Assert.Equal(2, code);
        Assert.Contains("tokenizer/vocab.txt", error);
    }

    [Fact]
    public void A_killed_build_leaves_no_dataset_and_the_next_one_succeeds()
    {
        Directory.CreateDirectory(_folder["input"]);
        var text = new StringBuilder();
        for (var i = 0; text.Length < 5_000_000; i++) text.Append($"Line {i} of this text. Then more of it.{(i % 9 == 0 ? "\n\n" : "\n")}");
        _folder.Write("input/a.txt", text.ToString());
        // Nobody writes to this pipe, so that the build waits for it and cannot end before it is killed.
        Assert.SkipUnless(Shell("mkfifo", _folder["input/b.txt"]), "a named pipe cannot be made here");
        string[] arguments = ["build", "--input", _folder["input"], "--tokenizer", _folder["tokenizer"], "--out", _folder["dataset"]];

        using (var process = Start(arguments))
        {
            var tokens = new FileInfo(_folder["dataset.unfinished/training/tokens.bin"]);
            while (!process.HasExited && (!tokens.Exists || tokens.Length == 0))
            {
                Thread.Sleep(1);
                tokens.Refresh();
            }
            process.Kill();
            process.WaitForExit();
            Assert.Equal(128 + 9, process.ExitCode);
        }
        Assert.False(Path.Exists(_folder["dataset"]));
        Assert.True(Directory.Exists(_folder["dataset.unfinished"]));

        File.Delete(_folder["input/b.txt"]);
        Assert.Equal(0, Run(arguments).Code);
        Assert.False(Path.Exists(_folder["dataset.unfinished"]));
        using var dataset = TokenizedDataset.Open(_folder["dataset"]);
        Assert.Empty(dataset.Verify());
    }

    [Fact]
    public void An_interrupted_build_leaves_nothing()
    {
        var line = string.Concat(Enumerable.Repeat("Line of this text. ", 50)) + "\n\n";
        File.WriteAllText(_folder["a.txt"], string.Concat(Enumerable.Repeat(line, 60_000)));
        using var process = Start("build", "--input", _folder["a.txt"], "--tokenizer", _folder["tokenizer"], "--out", _folder["dataset"]);
        while (!process.HasExited && !File.Exists(_folder["dataset.unfinished/training/tokens.bin"])) Thread.Sleep(1);

        Assert.True(Shell("bash", "-c", $"kill -TERM {process.Id}"));
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();

        Assert.Equal((128 + 15, "electra: stopping; what was written is removed\n"), (process.ExitCode, errors));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path, "dataset*"));
    }

    [Fact]
    public void A_full_disk_is_exit_code_3_and_leaves_nothing_behind()
    {
        var text = new StringBuilder();
        for (var i = 0; text.Length < 4_000_000; i++) text.Append($"Line {i} of this text.{(i % 9 == 0 ? "\n\n" : "\n")}");
        _folder.Write("a.txt", text.ToString());
        Directory.CreateDirectory(_folder["small"]);
        Assert.SkipUnless(Shell("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", _folder["small"]), "a small tmpfs cannot be mounted here");
        try
        {
            var (code, _, error) = Run("build", "--input", _folder["a.txt"], "--tokenizer", _folder["tokenizer"], "--out", _folder["small/dataset"]);

            Assert.Equal(3, code);
            Assert.Contains("No space left", error);
            Assert.Empty(Directory.EnumerateFileSystemEntries(_folder["small"]));
        }
        finally
        {
            Shell("umount", _folder["small"]);
        }
    }

    static (int Code, string Output, string Error) Run(params string[] arguments)
    {
        using var process = Start(arguments);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.GetAwaiter().GetResult());
    }

    static Process Start(params string[] arguments) =>
        Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Electra.Cli"), ["corpus", .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;

    static bool Shell(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false; // no such program
        }
    }
}
